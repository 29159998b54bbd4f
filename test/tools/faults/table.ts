import { FAULTS, type Fault } from "../../support/fault-proxy.ts";
import type { Outcome } from "./matrix.ts";

export interface Case {
  /** The route, and how it was called: "POST /query". */
  way: string;
  service: string;
  fault: Fault;
  outcome: Outcome;
  /** Differences from the expected outcome. */
  problems: string[];
}

const SPANS = {
  retained: "retained until the collector is back",
  dropped: "dropped and counted",
  lost: "lost",
};

/** A Markdown table; without times, which differ between runs, for the documentation. */
export function tableOf(cases: readonly Case[], { times = false } = {}): string {
  const head = [
    "question",
    "service",
    "fault",
    "status",
    "degraded",
    "errors counted",
    "trace",
    ...(times ? ["ms", ""] : []),
  ];
  const rows = cases.map(({ way, service, fault, outcome, problems }) => [
    way,
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
