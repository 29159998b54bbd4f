import { FAULTS, type Fault } from "../../support/fault-proxy.ts";
import type { Outcome } from "./matrix.ts";

export interface Case {
  service: string;
  fault: Fault;
  outcome: Outcome;
  /** How the outcome differs from what is expected. */
  problems: string[];
}

const SPANS = {
  kept: "kept until the collector is back",
  dropped: "dropped, and counted",
  lost: "lost",
};

/** A Markdown table. Times differ from run to run, so that they are left out where the table is kept. */
export function tableOf(cases: readonly Case[], { times = false } = {}): string {
  const head = [
    "service",
    "fault",
    "status",
    "degraded",
    "errors counted",
    "in the trace",
    ...(times ? ["ms", ""] : []),
  ];
  const rows = cases.map(({ service, fault, outcome, problems }) => [
    service,
    FAULTS[fault],
    String(outcome.status),
    outcome.degraded.join(", "),
    Object.entries(outcome.errors)
      .map(([stage, count]) => `${stage} ${count}`)
      .join(", "),
    outcome.spans === "arrived" ? outcome.trace.join(", ") : SPANS[outcome.spans],
    ...(times ? [outcome.elapsedMs.toFixed(0), problems.length > 0 ? "✗" : "✓"] : []),
  ]);
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
