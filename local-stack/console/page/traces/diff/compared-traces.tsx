import type { Trace } from "#console/contract.ts";
import { addressOf } from "../../shell/address.ts";
import { count, duration, usd } from "../../shell/format.ts";
import { TraceTags } from "../trace-tags.tsx";
import { when } from "../when.ts";

/** Both traces as a whole, below each other. */
export function ComparedTraces({ here, there }: { here: Trace; there: Trace }) {
  return (
    <>
      <div class="compared">
        <Line title="This" trace={here} />
        <Line title="Other" trace={there} />
      </div>
      <p class="small">
        <a href={addressOf(["traces", there.trace_id], { with: here.trace_id })}>Swap them</a>
      </p>
    </>
  );
}

function Line({ title, trace }: { title: "This" | "Other"; trace: Trace }) {
  const { trace_id, name, start_ms, duration_ms, status, spans, tokens, cost_usd } = trace;
  const facts = [
    when(start_ms),
    duration(duration_ms),
    status,
    `${count(spans)} ${spans === 1 ? "span" : "spans"}`,
    tokens !== undefined && `${count(tokens)} tokens`,
    cost_usd !== undefined && usd(cost_usd),
  ];
  return (
    <p>
      <span class={`swatch ${title === "This" ? "here" : "there"}`} aria-hidden="true" />
      <span class="which">{title}</span>
      <a href={addressOf(["traces", trace_id])}>{name}</a>
      <span class="muted">{facts.filter((fact) => fact !== undefined && fact !== false).join(" · ")}</span>
      <TraceTags trace={trace} />
    </p>
  );
}
