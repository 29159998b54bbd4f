import type { Report, Result } from "./run.ts";

const SIGNS: Record<Result["status"], string> = { passed: "✓", noted: "!", failed: "✗", "not run": "–" };
const NAME_WIDTH = 14;
const TIME_WIDTH = 9;

/** One line of the table. */
export function lineOf({ name, status, ms, detail }: Result): string {
  const time = status === "not run" ? "not run" : `${ms.toFixed(0)} ms`;
  return `${SIGNS[status]} ${name.padEnd(NAME_WIDTH)}${time.padStart(TIME_WIDTH)}  ${detail}`;
}

/** The last line: the overall result. */
export function summaryOf({ url, ok, ms, results }: Report): string {
  const many = (wanted: Result["status"]) => results.filter(({ status }) => status === wanted).length;
  const parts = [`${many("passed")} passed`, `${many("failed")} failed`];
  if (many("noted") > 0) parts.push(`${many("noted")} noted`);
  if (many("not run") > 0) parts.push(`${many("not run")} not run`);
  return `${ok ? "✓" : "✗"} ${url}: ${parts.join(", ")}, in ${(ms / 1000).toFixed(1)} s`;
}
