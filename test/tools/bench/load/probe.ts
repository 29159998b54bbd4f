/**
 * Preloaded into every process that `npm run dev` starts. The gateway, where the functions run, writes its event loop
 * delay to a file, a line per second, and on SIGUSR2 its heap and buffer size after a full garbage collection.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

/** Milliseconds. */
export interface LoopDelay {
  p50: number;
  p99: number;
  max: number;
}

export const LOOP_DELAYS = "loop-delays.jsonl";
/** Megabytes (2^20), a line per signal. */
export const LIVE_HEAP = "live-heap.jsonl";

const folder = process.env.BENCH_PROBE_FOLDER;
if (folder && isMainThread && process.argv.includes("--httpPort")) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  setInterval(() => {
    const [p50, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map((ns) => ns / 1e6);
    histogram.reset();
    appendFileSync(join(folder, LOOP_DELAYS), `${JSON.stringify({ p50, p99, max })}\n`);
  }, 1_000).unref();

  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  process.on("SIGUSR2", () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    appendFileSync(join(folder, LIVE_HEAP), `${(heapUsed + external) / 2 ** 20}\n`);
  });
}
