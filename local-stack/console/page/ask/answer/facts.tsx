import { count, duration, usd } from "../../shell/format.ts";
import type { Done } from "../turns.ts";
import { segmentsOf } from "./stages.ts";

/** What the answer took: model, tokens, cost, cache, and the time of each stage as a part of a bar. */
export function Facts({ done }: { done: Done }) {
  const segments = segmentsOf(done.timings_ms);
  return (
    <div class="facts small">
      <ul class="muted">
        {factsOf(done).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <div class="stages" aria-hidden="true">
        {segments.map(({ name, ms }, at) => (
          <span
            key={name}
            class="segment"
            style={{ flexGrow: ms, "--strength": strength(at, segments.length) }}
            title={`${name}: ${duration(ms)}`}
          />
        ))}
      </div>
      <ol class="legend muted">
        {segments.map(({ name, ms }, at) => (
          <li key={name}>
            <span class="segment" style={{ "--strength": strength(at, segments.length) }} />
            {name} <span class="number">{duration(ms)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Of the accent colour: from light to full. */
function strength(at: number, segments: number): string {
  return `${25 + (75 * at) / Math.max(segments - 1, 1)}%`;
}

function factsOf({ model, usage, cache, timings_ms }: Done): string[] {
  const { prompt_tokens, completion_tokens, cost_usd } = usage;
  const hasTokens = prompt_tokens + completion_tokens > 0;
  return [
    duration(timings_ms.total),
    model,
    ...(hasTokens ? [`${count(prompt_tokens)} tokens in, ${count(completion_tokens)} out`] : []),
    ...(hasTokens ? [cost_usd === undefined ? "price unknown" : usd(cost_usd)] : []),
    ...(cache.answer ? ["answer from the cache"] : []),
    ...(cache.embedding ? ["embedding from the cache"] : []),
  ];
}
