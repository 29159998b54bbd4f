import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../local-stack/stack/ports.ts";

const ROOT = join(import.meta.dirname, "../..");
const START_TIMEOUT_MS = 120_000;

export interface Dev {
  /** Of the page and of the functions. */
  url: string;
  /** Of the receiver: OTLP/HTTP. */
  otlpUrl: string;
  output(): string;
  /** Waits until the output has this text. */
  prints(text: string): Promise<void>;
  /** As Ctrl-C does. */
  stop(): Promise<void>;
}

/**
 * Starts `npm run dev` on free ports, with an empty data folder.
 *
 * @param env settings of the functions
 */
export async function startDev(env: Readonly<Record<string, string>> = {}): Promise<Dev> {
  const [port, otlpPort] = await freePorts(2);
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-console-"));
  const otlpUrl = `http://localhost:${otlpPort}`;
  const child = spawn(process.execPath, ["local-stack/dev/main.ts", "--port", String(port)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RAG_DATA_DIR: folder, OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl, ...env },
  });
  const exited = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output += data;
    });
  }
  return {
    ...{ url: `http://localhost:${port}`, otlpUrl, output: () => output },
    async prints(text) {
      const deadline = Date.now() + START_TIMEOUT_MS;
      while (!output.includes(text)) {
        if (child.exitCode !== null || Date.now() > deadline)
          throw new Error(`npm run dev, without "${text}":\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      if (child.exitCode === null) child.kill("SIGINT");
      await exited;
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Starts `npm run dev` and waits until it has read the sample corpus. */
export async function startReadyDev(env: Readonly<Record<string, string>> = {}): Promise<Dev> {
  const dev = await startDev(env);
  try {
    await dev.prints("Ready in");
    return dev;
  } catch (error) {
    await dev.stop();
    throw error;
  }
}
