import { attribute } from "../../../support/otlp.ts";
import { queryEvent } from "../events.ts";
import type { FaultyCollector } from "../faulty-collector.ts";
import type { Row, Scenario, Stage } from "../stage.ts";
import { quantile } from "../stats.ts";

const TIMES = 10;
const DEADLINE_MS = 1_500;

/** How environments shut down: by SIGTERM, and by exceeding their deadline. */
export const shutdown: Scenario = {
  name: "shutdown",
  run: async (stage) => [await lastBeforeTerm(stage, false), await lastBeforeTerm(stage, true), await deadline(stage)],
};

/** Sends SIGTERM to an environment frozen after its last response; the collector may have been down until then. */
async function lastBeforeTerm(stage: Stage, down: boolean): Promise<Row> {
  let arrived = 0;
  const exitedAfterMs: number[] = [];
  for (let turn = 0; turn < TIMES; turn += 1) {
    const collector = await stage.collector();
    const environment = await stage.start({ collector });
    await (await environment.invoke(queryEvent())).settled;
    if (down) await collector.become({ kind: "refuse" });
    const last = await environment.invoke(queryEvent());
    await last.settled;
    if (down) await collector.become({ kind: "healthy" });
    const started = performance.now();
    await environment.shutdown();
    exitedAfterMs.push(performance.now() - started);
    if (rootOf(collector, last.requestId)) arrived += 1;
  }
  return {
    figure: `last invocation before SIGTERM${down ? ", collector up again just before" : ""}`,
    goal: "its trace arrives",
    measured: `${arrived} of ${TIMES}; exited after at most ${quantile(exitedAfterMs, 1).toFixed(0)} ms`,
    ok: arrived === TIMES,
  };
}

async function deadline(stage: Stage): Promise<Row> {
  let marked = 0;
  let counted = 0;
  const outcomes = new Set<string>();
  for (let turn = 0; turn < TIMES; turn += 1) {
    const collector = await stage.collector();
    const environment = await stage.startSlow({ collector, timeoutMs: DEADLINE_MS });
    const { requestId, outcome, body, settled } = await environment.invoke(queryEvent());
    const status = (body as { statusCode?: number } | undefined)?.statusCode;
    outcomes.add(`${status ?? outcome}, then ${await settled}`);
    const root = rootOf(collector, requestId);
    const stageSpan = collector.ledger.spans.find(
      ({ name, traceId }) => name === "rag.vector_search" && traceId === root?.traceId,
    );
    if (root && stageSpan && attribute(stageSpan, "error.type") === "deadline" && stageSpan.status?.code === 2)
      marked += 1;
    counted += collector.ledger.total("faas.timeouts").value;
  }
  return {
    figure: "killed at its deadline",
    goal: "its trace arrives, the open stage marked",
    measured: `${marked} of ${TIMES}; faas.timeouts ${counted}; ${[...outcomes].join(" or ")}`,
    ok: marked === TIMES && counted === TIMES,
  };
}

function rootOf(collector: FaultyCollector, requestId: string) {
  return collector.ledger.roots().find((span) => attribute(span, "faas.invocation.id") === requestId);
}
