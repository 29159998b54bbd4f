import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../../local-stack/stack/ports.ts";

export interface Served {
  url: string;
  ask(question: string): Promise<unknown>;
  /** Stops what the block started, as Ctrl-C does. */
  stop(): Promise<void>;
}

/**
 * Runs a shell block that ends with `npm run dev`, on free ports, and waits until it is ready.
 *
 * @throws Error with its output when it exits before it is ready
 */
export async function serve(block: string, dataDir: string): Promise<Served> {
  const [port, collector] = [await freePort(), await freePort()];
  const child = spawn("bash", ["-euc", `${block} -- --port ${port}`], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RAG_DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${collector}` },
  });
  let output = "";
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
      if (output.includes("Ready in")) resolve();
    });
  }
  const ended = once(child, "exit");
  void ended.then(() => reject(new Error(`exited before it was ready:\n${block}\n${output}`)));
  await ready;
  const url = `http://localhost:${port}`;
  return {
    url,
    async ask(question) {
      const headers = { "content-type": "application/json" };
      return (await fetch(`${url}/query`, { method: "POST", headers, body: JSON.stringify({ question }) })).json();
    },
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
      await ended;
    },
  };
}
