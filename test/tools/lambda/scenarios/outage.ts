import { setTimeout as sleep } from "node:timers/promises";
import { attribute } from "../../../support/otlp.ts";
import type { Environment } from "../environment.ts";
import { queryEvent } from "../events.ts";
import type { Scenario } from "../stage.ts";

const ENVIRONMENTS = 20;
const INVOCATIONS_EACH = 50;
const INVOCATIONS = ENVIRONMENTS * INVOCATIONS_EACH;
const OUTAGE_FROM_MS = 5_000;
const OUTAGE_MS = 30_000;
/** From the first invocation to the last: starts before the outage and ends after it. */
const DURATION_MS = 45_000;

/** A fleet of environments that freeze between requests, and a temporary outage of the collector. */
export const outage: Scenario = {
  name: "outage",
  async run(stage) {
    const collector = await stage.collector();
    const fleet: Environment[] = [];
    for (let index = 0; index < ENVIRONMENTS; index += 1) fleet.push(await stage.start({ collector }));

    const outageOver = sleep(OUTAGE_FROM_MS).then(() => collector.outage(OUTAGE_MS));
    const responded = await Promise.all(fleet.map((environment, index) => load(environment, index / ENVIRONMENTS)));
    await outageOver;
    await Promise.all(fleet.map((environment) => environment.shutdown()));

    const { ledger } = collector;
    const invoked = new Set(responded.flat());
    const seen = ledger.roots().map((span) => String(attribute(span, "faas.invocation.id")));
    const arrived = new Set(seen.filter((id) => invoked.has(id))).size;
    const queries = ledger.total("rag_query_duration_seconds").count;
    const requests = ledger.total("http.server.request.duration").count;
    const hits = ledger.total("rag_embedding_cache_hits_total").value;
    // Each invocation counts one query, one HTTP request and one hit of the embedding cache.
    const counts = [queries, requests, hits];
    return [
      {
        figure: `${INVOCATIONS} invocations, ${ENVIRONMENTS} environments, freeze and thaw, 30 s outage`,
        goal: `${INVOCATIONS} root spans, exact counters, no duplicates`,
        measured:
          `${invoked.size} responses; ${arrived} root spans; counted ${counts.join(", ")}; ` +
          `${ledger.duplicates} duplicates`,
        ok:
          invoked.size === INVOCATIONS &&
          arrived === INVOCATIONS &&
          counts.every((count) => count === INVOCATIONS) &&
          ledger.duplicates === 0,
      },
    ];
  },
};

/** Invokes an environment at a steady rate; returns the ids of the invocations that responded. */
async function load(environment: Environment, phase: number): Promise<string[]> {
  const everyMs = DURATION_MS / INVOCATIONS_EACH;
  const started = performance.now() + phase * everyMs;
  const responded: string[] = [];
  for (let turn = 0; turn < INVOCATIONS_EACH && !environment.exit; turn += 1) {
    await sleep(Math.max(0, started + turn * everyMs - performance.now()));
    const { outcome, requestId, settled } = await environment.invoke(queryEvent());
    if (outcome === "response") responded.push(requestId);
    await settled;
  }
  return responded;
}
