import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const LIMIT_MS = 60_000;

/**
 * Starts the server of a folder with the embedded parts and asks for its readiness, which loads the embedded model.
 *
 * @throws Error with its output when it does not start, is not ready, or does not end as it should
 */
export async function tryServer(folder: string): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "edge-rag-trial-"));
  const child = spawn(process.execPath, ["server.mjs"], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: "0", RAG_DATA_DIR: data, OTEL_ENABLED: "false" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const exited = once(child, "exit");
  let output = "";
  child.stderr.on("data", (text) => {
    output += text;
  });
  try {
    let status: number | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      output += `${line}\n`;
      const [url] = /http:\S+:\d+(?=")/.exec(line) ?? [];
      if (url === undefined) continue;
      status = await readiness(url);
      child.kill("SIGTERM");
    }
    const [code] = await exited;
    if (status !== 200 || code !== 0) throw new Error(`the server does not work (${status}, ${code}):\n${output}`);
  } finally {
    child.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  }
}

/** Building the embedded model takes longer than a health check waits: it is asked again until it is ready. */
async function readiness(url: string): Promise<number> {
  for (const started = performance.now(); ; ) {
    const { status } = await fetch(`${url}/health?deep=1`);
    if (status === 200 || performance.now() - started > LIMIT_MS / 2) return status;
  }
}
