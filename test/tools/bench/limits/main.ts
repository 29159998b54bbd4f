/**
 * `npm run bench -- limits`: memory of the function `embed`, with a heap of 400 MB, under the worst inputs, and how long
 * another request takes meanwhile. Fails over 512 MB or 1 s.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { INPUTS } from "./inputs.ts";

const MAX_MEGABYTES = 512;
const MAX_OTHER_SECONDS = 1;
/** Embedding the longest documents takes minutes, without changing what is measured. */
const LIMIT_SECONDS = 20;
const PAUSE_MS = 100;
const MEGABYTE = 2 ** 20;

interface Row {
  status: string;
  peak: number;
  others: number;
  slowest: number;
}

console.log("| input | response | peak memory | other requests | slowest of them |\n|---|---|---|---|---|");
for (const [name, body] of Object.entries(INPUTS)) {
  const { status, peak, others, slowest } = await measure(body());
  console.log(`| ${name} | ${status} | ${Math.round(peak)} MB | ${others} | ${slowest.toFixed(2)} s |`);
  if (peak > MAX_MEGABYTES || slowest > MAX_OTHER_SECONDS || others === 0) process.exitCode = 1;
}

async function measure(body: string): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-limits-"));
  const child = fork(join(import.meta.dirname, "process.ts"), {
    execArgv: ["--max-old-space-size=400"],
    env: { ...process.env, RAG_DATA_DIR: folder, OTEL_ENABLED: "false" },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  try {
    const { port } = await message<{ port: number }>(child);
    const send = (text: string, signal?: AbortSignal) =>
      fetch(`http://127.0.0.1:${port}/embed`, { method: "POST", body: text, ...(signal && { signal }) });
    const other = async (index: number) => {
      const started = performance.now();
      const response = await send(JSON.stringify({ documents: [{ id: "other", text: `A short text: ${index}.` }] }));
      if (!response.ok) throw new Error(`another request failed with ${response.status}: ${await response.text()}`);
      await response.text();
      return (performance.now() - started) / 1_000;
    };
    await other(0); // loads the model

    const limit = AbortSignal.timeout(LIMIT_SECONDS * 1_000);
    let status: string | undefined;
    const attack = send(body, limit)
      .then(async (response) => `${response.status}${statusOf(await response.text())}`)
      .catch((error: unknown) => (limit.aborted ? "still embedding" : String(error)))
      .then((text) => {
        status = text;
      });
    await delay(1); // the attack is sent first
    const seconds: number[] = [];
    while (status === undefined) {
      seconds.push(await other(seconds.length + 1));
      await delay(PAUSE_MS);
    }
    await attack;
    child.send("memory");
    const { peak } = await message<{ peak: number }>(child);
    const slowest = seconds.reduce((longest, value) => Math.max(longest, value), 0);
    return { status: status ?? "", peak: peak / MEGABYTE, others: seconds.length, slowest };
  } finally {
    child.kill();
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function message<T>(child: ChildProcess): Promise<T> {
  const exit = once(child, "exit").then(([code, signal]) => {
    throw new Error(`the process of embed ended: ${code ?? signal}`);
  });
  const [received] = await Promise.race([once(child, "message"), exit]);
  return received as T;
}

/** The statuses of the documents. */
function statusOf(body: string): string {
  const { documents } = JSON.parse(body) as { documents?: { status: string }[] };
  return documents ? `, ${documents.map(({ status }) => status).join(", ")}` : "";
}
