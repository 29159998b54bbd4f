import { cpus } from "node:os";
import type { Estimate } from "./statistics/interval.ts";

/** A figure with its upper limit. */
export interface Goal {
  figure: string;
  goal: number;
  measured: Estimate;
  unit?: string;
}

/** @returns one sentence per missed goal */
export function missedOf(goals: readonly Goal[]): string[] {
  return goals
    .filter(({ goal, measured }) => !(measured.value <= goal))
    .map(({ figure, goal, measured, unit = "" }) => {
      const doubt = measured.low > goal ? "" : `; it may be noise (95 % interval ${range(measured)})`;
      return `missed: ${figure} is ${short(measured.value)}${unit}, over its goal of ${short(goal)}${unit}${doubt}`;
    });
}

/** Prints the tables of a benchmark, or with `--json` one line of JSON. Sets exit code 1 when a goal was missed. */
export function report(part: string, tables: Record<string, object[]>, goals: readonly Goal[]): void {
  const missed = missedOf(goals);
  if (process.argv.includes("--json")) console.log(JSON.stringify({ part, machine: machine(), tables, goals, missed }));
  else {
    console.log(machine());
    for (const [title, rows] of Object.entries(tables)) {
      console.log(`\n${title}`);
      console.table(rows);
    }
    if (goals.length === 0) return;
    console.table(
      goals.map(({ figure, goal, measured, unit = "" }) => ({
        figure,
        goal: `≤ ${short(goal)}${unit}`,
        measured: `${short(measured.value)}${unit}`,
        "95 % interval": range(measured),
      })),
    );
    console.log(missed.length > 0 ? missed.join("\n") : "all goals met");
  }
  if (missed.length > 0) process.exitCode = 1;
}

/** Four significant digits, without an exponent. */
export function short(value: number): string {
  return Number(value.toPrecision(4)).toString();
}

/** "low to high", as {@link short}. */
export const range = ({ low, high }: Estimate) => `${short(low)} to ${short(high)}`;

function machine(): string {
  const [{ model = "unknown processor" } = {}] = cpus();
  return `${cpus().length} × ${model}, ${process.platform} ${process.arch}, Node.js ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
}
