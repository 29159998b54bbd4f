import { readFileSync } from "node:fs";

/** Of the kernel's clock ticks, 100 a second on every Linux. */
const TICK_MS = 10;

/** CPU time of a process so far, in milliseconds, of user and kernel. Linux only. */
export function cpuOf(pid: number): number {
  // After the name in parentheses: state is the third field, utime the 14th and stime the 15th (proc_pid_stat(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
