import { queryEvent } from "../events.ts";
import type { Scenario } from "../stage.ts";

const INVOCATIONS = 10_000;
const EVERY = 1_000;
const LIMIT_MS = 300_000;
/** What the second half may add: less than a tenth of what one span a request, kept, would. */
const FLAT_BYTES = 1_000_000;

/** A collector that is gone for good: what is retained for it must not grow for ever. */
export const memory: Scenario = {
  name: "memory",
  async run(stage) {
    const collector = await stage.collector({ kind: "refuse" });
    const environment = await stage.start({ collector, timeoutMs: 10_000 });
    const heaps: number[] = [];
    const started = performance.now();
    let turn = 0;
    for (; turn < INVOCATIONS && performance.now() - started < LIMIT_MS; turn += 1) {
      const { settled } = await environment.invoke(queryEvent());
      if ((await settled) === "killed") break;
      if ((turn + 1) % EVERY === 0) heaps.push(await environment.heapUsed());
    }
    const grown = (heaps.at(-1) ?? Number.NaN) - (heaps[Math.floor(heaps.length / 2)] ?? Number.NaN);
    return [
      {
        figure: `heap at a dead collector, ${INVOCATIONS} invocations`,
        goal: "flat: second half ≤ +1 MB",
        measured: `${turn} invocations; MB each ${EVERY}: ${heaps.map((bytes) => (bytes / 1e6).toFixed(1)).join(" ")}`,
        ok: turn === INVOCATIONS && grown <= FLAT_BYTES,
      },
    ];
  },
};
