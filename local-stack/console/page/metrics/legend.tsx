import type { MetricGraph } from "#console/contract.ts";
import { time } from "../shell/format.ts";
import { lastValue } from "./series-data.ts";
import { type Tone, tonesOf } from "./tones.ts";
import { valueText } from "./units.ts";

interface Props {
  graph: MetricGraph;
  times: readonly number[];
  /** The point below the cursor. */
  index: number | undefined;
}

/** The series, with the value below the cursor and the last one; of bars, the sum. */
export function Legend({ graph, times, index }: Props) {
  const tones = tonesOf(graph);
  const at = index === undefined ? undefined : times[index];
  return (
    <table class="legend small">
      <thead>
        <tr class="muted">
          <th scope="col">
            <span class="visually-hidden">Series</span>
          </th>
          <th scope="col" class="number">
            {at === undefined ? <span class="visually-hidden">At the cursor</span> : time(at * 1000)}
          </th>
          <th scope="col" class="number">
            {graph.kind === "bars" ? "sum" : "last"}
          </th>
        </tr>
      </thead>
      <tbody>
        {graph.series.map((series, row) => (
          <tr key={series.label}>
            <th scope="row">
              <Swatch tone={tones[row]} isBar={graph.kind === "bars"} />
              {series.label}
            </th>
            <td class="number">{textOf(index === undefined ? undefined : series.values[index])}</td>
            <td class="number">{textOf(graph.kind === "bars" ? sumOf(series.values) : lastValue(series))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );

  function textOf(value: number | null | undefined): string {
    return typeof value === "number" ? valueText(value, graph.unit) : "";
  }
}

/** A piece of the line, or of the bar. */
function Swatch({ tone, isBar }: { tone: Tone | undefined; isBar: boolean }) {
  return (
    <svg class={`swatch metrics-tone ${tone?.name}`} viewBox="0 0 24 10" aria-hidden="true">
      {isBar ? (
        <rect x="6" width="12" height="10" rx="2" fill="currentColor" />
      ) : (
        <path d="M0 5H24" stroke="currentColor" stroke-width="2" stroke-dasharray={tone?.dash.join(" ")} />
      )}
    </svg>
  );
}

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
