import { useState } from "preact/hooks";
import type { MetricGraph } from "#console/contract.ts";
import { time } from "../shell/format.ts";
import { valueText } from "./units.ts";

/** The values of a graph as text, newest first, made when it is opened. */
export function ValuesTable({ graph, times }: { graph: MetricGraph; times: readonly number[] }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="values small" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>Show as table</summary>
      {isOpen && <Values graph={graph} times={times} />}
    </details>
  );
}

function Values({ graph: { title, series, unit }, times }: { graph: MetricGraph; times: readonly number[] }) {
  const rows = [...times.keys()].filter((row) => series.some(({ values }) => values[row] !== null)).reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no pointer scrolls it with the arrow keys.
    <section class="values-scroller" tabIndex={0} aria-label={`Values of ${title}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ label }) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={times[row]}>
              <th scope="row">{time((times[row] ?? 0) * 1000)}</th>
              {series.map(({ label, values }) => (
                <td key={label} class="number">
                  {typeof values[row] === "number" ? valueText(values[row], unit) : ""}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
