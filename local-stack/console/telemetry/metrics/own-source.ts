/** Metrics from the console's own receiver. */
import type { MetricsPayload } from "#console/receiver/payload.ts";
import { atMostEvery } from "#console/server/at-most-every.ts";
import type { MetricsSource } from "../sources.ts";
import { evaluate, type Sample } from "./evaluate.ts";
import type { Formula } from "./formula.ts";
import { createLines } from "./lines.ts";
import { createMetricsStore, type MetricsStore } from "./store.ts";
import { buildView, type Evaluator, NAMES } from "./view.ts";

export interface OwnMetrics extends MetricsSource {
  /** Takes what was received. */
  add(payload: MetricsPayload): void;
}

export interface OwnMetricsOptions {
  /** `service.name`: of others, nothing is shown. */
  service: string;
  /** Called after metrics were received, at most twice a second. */
  onChange?: () => void;
  /** Milliseconds since 1970. */
  now?: () => number;
}

const EVENTS_APART_MS = 500;

export function createOwnMetrics({ service, onChange = () => {}, now = Date.now }: OwnMetricsOptions): OwnMetrics {
  const store = createMetricsStore({ names: NAMES, now });
  const evaluator = evaluatorOf(store, service);
  const announce = atMostEvery(EVENTS_APART_MS, onChange);
  return {
    add(payload) {
      store.add(payload);
      announce();
    },
    async view(minutes) {
      const view = await buildView(evaluator, minutes, now() / 1000);
      return store.leftOut > 0 ? { ...view, left_out: store.leftOut } : view;
    },
  };
}

function evaluatorOf(store: MetricsStore, service: string): Evaluator {
  const at = (formula: Formula, seconds: number, end: number): Sample[] =>
    evaluate(formula, store, { end: end * 1000, seconds, service });
  return {
    number: async (formula, seconds, end) => at(formula, seconds, end),
    async lines(formula, seconds, ends) {
      const lines = createLines(ends.length);
      for (const [index, end] of ends.entries()) {
        for (const { labels, value } of at(formula, seconds, end)) lines.set(labels, index, value);
      }
      return lines.all();
    },
  };
}
