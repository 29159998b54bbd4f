import { queryEvent } from "../events.ts";
import type { Scenario } from "../stage.ts";

const INVOCATIONS = 200;

/** Nothing of the telemetry leaves while somebody waits for the answer. */
export const order: Scenario = {
  name: "order",
  async run(stage) {
    const collector = await stage.collector();
    const environment = await stage.start({ collector });
    let leaked = 0;
    let soonestMs = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < INVOCATIONS; turn += 1) {
      const before = collector.requests.length;
      const { at, settled } = await environment.invoke(queryEvent());
      await settled;
      const exports = collector.requests.slice(before);
      if (exports.some((request) => request.at < at)) leaked += 1;
      soonestMs = Math.min(soonestMs, ...exports.map((request) => request.at - at));
    }
    const roots = collector.ledger.roots().length;
    return [
      {
        figure: "response at the Runtime API before the first export byte",
        goal: "always",
        measured: `${INVOCATIONS - leaked} of ${INVOCATIONS}; soonest export ${soonestMs.toFixed(1)} ms after; ${roots} root spans`,
        ok: leaked === 0 && roots === INVOCATIONS,
      },
    ];
  },
};
