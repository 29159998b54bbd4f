import { startWorkerd, type WorkerSource } from "../../../support/workerd.ts";
import { cpuOf } from "./cpu.ts";

/** CPU milliseconds of a process since its start. */
export interface StartCpu {
  /** When it listens: the worker's code has been compiled and run, as far as it runs before the first request. */
  listening: number;
  /** When it has responded once. */
  responded: number;
}

export interface StartPair {
  worker: StartCpu;
  /** The same of a worker with next to no code. */
  empty: StartCpu;
}

const EMPTY = new Map([["worker.js", 'export default { fetch: () => Response.json({ status: "ok" }) };']]);

/** Starts both, one after the other in alternating order. */
export async function measureStarts(
  source: WorkerSource,
  env: Record<string, string>,
  pairs: number,
): Promise<StartPair[]> {
  const measured: StartPair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const isFirst = pair % 2 === 0;
    const before = isFirst && (await startCpu(source, env));
    const empty = await startCpu({ ...source, modules: EMPTY }, env);
    measured.push({ worker: before || (await startCpu(source, env)), empty });
  }
  return measured;
}

async function startCpu(source: WorkerSource, env: Record<string, string>): Promise<StartCpu> {
  const server = await startWorkerd(source, env);
  try {
    const listening = cpuOf(server.pid);
    const response = await fetch(`${server.url}/health`);
    await response.text();
    if (!response.ok) throw new Error(`GET /health responded with ${response.status}`);
    return { listening, responded: cpuOf(server.pid) };
  } finally {
    await server.stop();
  }
}
