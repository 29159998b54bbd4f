import type { Trace } from "#console/contract.ts";
import { count, duration, usd } from "../shell/format.ts";
import { CopyButton } from "../shell/parts.tsx";
import { statusTone, TraceTags } from "./trace-tags.tsx";
import { when } from "./when.ts";

/** What is known of a trace as a whole. */
export function TraceSummaryLine({ trace }: { trace: Trace }) {
  const { trace_id, start_ms, duration_ms, status, spans, tokens, cost_usd, jaeger_url } = trace;
  const facts: [string, string | undefined][] = [
    ["Duration", duration(duration_ms)],
    ["Status", status === undefined ? undefined : String(status)],
    ["Started", when(start_ms)],
    ["Spans", count(spans)],
    ["Tokens", tokens === undefined ? undefined : count(tokens)],
    ["Cost", cost_usd === undefined ? undefined : usd(cost_usd)],
  ];
  return (
    <div class="summary">
      <dl>
        {facts.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name}>
                <dt>{name}</dt>
                <dd class={name === "Status" ? statusTone(status) : undefined}>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <p class="tags">
        <TraceTags trace={trace} />
      </p>
      <p class="identity">
        <code>{trace_id}</code>
        <CopyButton text={trace_id} label="Copy id" />
        {jaeger_url && /^https?:/.test(jaeger_url) && (
          <a href={jaeger_url} target="_blank" rel="noreferrer noopener">
            Open in Jaeger
          </a>
        )}
      </p>
    </div>
  );
}
