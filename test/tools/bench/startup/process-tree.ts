import { readdirSync, readFileSync } from "node:fs";

/**
 * Memory of a process and all that it started, in megabytes (2^20): the proportional set size, in which a page that
 * several processes share counts once. Linux only.
 */
export function memoryOfTree(pid: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = Number(read(`/proc/${name}/stat`).replace(/^.*\) \S+ (\d+) .*$/s, "$1"));
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  let kilobytes = 0;
  for (const open = [pid]; open.length > 0; ) {
    const next = open.pop() ?? 0;
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${next}/smaps_rollup`))?.[1] ?? 0);
    open.push(...(children.get(next) ?? []));
  }
  return kilobytes / 1_024;
}

/** Empty when the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
