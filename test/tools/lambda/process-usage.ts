import { readdirSync, readFileSync } from "node:fs";

/** CPU time of all running threads of a process so far, in milliseconds. Linux only. */
export function cpuTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((total, thread) => total + schedulerTime(`/proc/${pid}/task/${thread}/schedstat`), 0) / 1e6;
}

/** Peak resident memory of a process, in bytes. Linux only. */
export function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

/** Nanoseconds; 0 for a thread that has just ended. */
function schedulerTime(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10);
  } catch {
    return 0;
  }
}
