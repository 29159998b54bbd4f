/** The query function; responds with its duration, and the CPU time and heap size of the process before it ran. */
import { getHeapStatistics } from "node:v8";
import { handler as query } from "./query.mjs";

export async function handler(event, invocation) {
  const heap = getHeapStatistics().used_heap_size;
  const { user, system } = process.cpuUsage();
  const started = performance.now();
  const { statusCode } = await query(event, invocation);
  return { statusCode, ms: performance.now() - started, cpuMs: (user + system) / 1_000, heap };
}
