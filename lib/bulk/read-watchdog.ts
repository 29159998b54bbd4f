/**
 * A thread of the process that reads files. It ends the process when that uses too much memory, also outside of the heap,
 * which V8 limits by itself, and when its parent is gone: the main thread may be busy in a parser.
 */
import { workerData } from "node:worker_threads";

const INTERVAL_MS = 50;

const { maxBytes } = workerData as { maxBytes: number };
const parent = process.ppid;
setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes || process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, INTERVAL_MS);
