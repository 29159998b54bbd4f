import { queryEvent } from "../events.ts";
import type { Scenario } from "../stage.ts";

const INVOCATIONS = 200;

/** No telemetry is sent before the response. */
export const order: Scenario = {
  name: "order",
  async run(stage) {
    const collector = await stage.collector();
    const environment = await stage.start({ collector });
    let leaked = 0;
    let earliestMs = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < INVOCATIONS; turn += 1) {
      const before = collector.requests.length;
      const { at, settled } = await environment.invoke(queryEvent());
      await settled;
      const exports = collector.requests.slice(before);
      if (exports.some((request) => request.at < at)) leaked += 1;
      earliestMs = Math.min(earliestMs, ...exports.map((request) => request.at - at));
    }
    const roots = collector.ledger.roots().length;
    return [
      {
        figure: "response at the Runtime API before the first export byte",
        goal: "always",
        measured: `${INVOCATIONS - leaked} of ${INVOCATIONS}; earliest export ${earliestMs.toFixed(1)} ms after; ${roots} root spans`,
        ok: leaked === 0 && roots === INVOCATIONS,
      },
    ];
  },
};
