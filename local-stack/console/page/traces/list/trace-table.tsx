import { useMemo, useRef } from "preact/hooks";
import type { TraceSummary } from "#console/contract.ts";
import { addressOf } from "../../shell/address.ts";
import { count, duration, usd } from "../../shell/format.ts";
import { useIsNarrow } from "../rows/use-is-narrow.ts";
import { useVisibleRows } from "../rows/use-visible-rows.ts";
import { statusTone, TraceTags } from "../trace-tags.tsx";
import { when } from "../when.ts";

/** Narrower, a row has two lines. Pixels. */
const NARROW = 720;
const ROW_HEIGHT = { wide: 40, narrow: 68 };

interface Props {
  traces: readonly TraceSummary[];
  /** Trace ids. */
  chosen: readonly string[];
  onChoose(id: string, isChosen: boolean): void;
}

/** A table of traces, of which only the rows near the viewport are drawn. */
export function TraceTable({ traces, chosen, onChoose }: Props) {
  const root = useRef<HTMLTableElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const isNarrow = useIsNarrow(root, NARROW);
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const { first, end } = useVisibleRows(body, traces.length, rowHeight);
  const slow = useMemo(() => slowDuration(traces), [traces]);
  return (
    <table
      ref={root}
      class={`trace-table ${isNarrow ? "narrow" : "wide"}`}
      aria-label="Traces"
      aria-rowcount={traces.length + 1}
    >
      <thead>
        <tr aria-rowindex={1}>
          <th>
            <span class="visually-hidden">Compare</span>
          </th>
          <th>Time</th>
          <th>Name</th>
          <th class="number">Status</th>
          <th class="number">Duration</th>
          <th class="number">Spans</th>
          <th class="number">Tokens</th>
          <th class="number">Cost</th>
        </tr>
      </thead>
      <tbody ref={body} style={{ height: `${traces.length * rowHeight}px`, paddingTop: `${first * rowHeight}px` }}>
        {traces.slice(first, end).map((trace, offset) => (
          <TraceRow
            key={(first + offset) % (end - first)}
            trace={trace}
            position={first + offset}
            share={Math.min(1, trace.duration_ms / slow)}
            isChosen={chosen.includes(trace.trace_id)}
            onChoose={onChoose}
          />
        ))}
      </tbody>
    </table>
  );
}

/** Milliseconds of the longest bar: nearly the slowest, because a single one would leave no length to the others. */
function slowDuration(traces: readonly TraceSummary[]): number {
  const durations = traces.map(({ duration_ms }) => duration_ms).sort((a, b) => a - b);
  return durations[Math.ceil((durations.length - 1) * 0.98)] || 1;
}

interface RowProps extends Pick<Props, "onChoose"> {
  trace: TraceSummary;
  position: number;
  /** Duration as a share of a slow one's, at most 1. */
  share: number;
  isChosen: boolean;
}

function TraceRow({ trace, position, share, isChosen, onChoose }: RowProps) {
  const { trace_id, name, start_ms, duration_ms, status, failed, spans, tokens, cost_usd } = trace;
  const started = when(start_ms);
  return (
    <tr aria-rowindex={position + 2}>
      <td class="choose">
        <input
          type="checkbox"
          aria-label={`Compare ${name} of ${started}`}
          checked={isChosen}
          onChange={(event) => onChoose(trace_id, event.currentTarget.checked)}
        />
      </td>
      <td class="time">
        <time dateTime={new Date(start_ms).toISOString()}>{started}</time>
      </td>
      <td class="name">
        <a href={addressOf(["traces", trace_id])}>{name}</a>
        <TraceTags trace={trace} />
      </td>
      <td class={`status number ${statusTone(status) ?? ""}`}>{status ?? "–"}</td>
      <td class={`duration number ${failed ? "failed" : ""}`} style={{ "--share": share }}>
        {duration(duration_ms)}
      </td>
      <td class="spans number">{count(spans)}</td>
      <td class={`tokens number ${tokens === undefined ? "absent" : ""}`}>
        {tokens === undefined ? "–" : count(tokens)}
      </td>
      <td class={`cost number ${cost_usd === undefined ? "absent" : ""}`}>
        {cost_usd === undefined ? "–" : usd(cost_usd)}
      </td>
    </tr>
  );
}
