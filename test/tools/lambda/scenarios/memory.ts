import { queryEvent } from "../events.ts";
import type { Scenario } from "../stage.ts";

const INVOCATIONS = 10_000;
const SAMPLE_EVERY = 1_000;
const LIMIT_MS = 300_000;
/** Allowed growth in the second half: less than a tenth of one leaked span per request. */
const FLAT_BYTES = 1_000_000;

/** With a collector that stays down, retained telemetry must not grow without bound. */
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
      if ((turn + 1) % SAMPLE_EVERY === 0) heaps.push(await environment.heapUsed());
    }
    const grown = (heaps.at(-1) ?? Number.NaN) - (heaps[Math.floor(heaps.length / 2)] ?? Number.NaN);
    return [
      {
        figure: `heap with a dead collector, ${INVOCATIONS} invocations`,
        goal: "flat: second half ≤ +1 MB",
        measured: `${turn} invocations; MB every ${SAMPLE_EVERY}: ${heaps.map((bytes) => (bytes / 1e6).toFixed(1)).join(" ")}`,
        ok: turn === INVOCATIONS && grown <= FLAT_BYTES,
      },
    ];
  },
};
