import { useState } from "preact/hooks";
import type { MetricGraph } from "#console/contract.ts";
import { Chart } from "./chart.tsx";
import { Legend } from "./legend.tsx";
import { ValuesTable } from "./values-table.tsx";

interface Props {
  graph: MetricGraph;
  times: readonly number[];
  /** Seconds. */
  step: number;
  /** Of what has not happened: "yet", or in which time. */
  when: string;
}

/** A graph with its meaning, its legend and its values as a table. */
export function Graph({ graph, times, step, when }: Props) {
  const [index, setIndex] = useState<number>();
  const isEmpty = graph.series.length === 0;
  return (
    <section class="graph" aria-labelledby={`graph-${graph.id}`}>
      <h3 id={`graph-${graph.id}`}>{graph.title}</h3>
      <p class="muted small">{graph.description}</p>
      {isEmpty ? (
        <div class="nothing">
          <p>Nothing {when}</p>
          <p class="muted small">{graph.nothing}</p>
        </div>
      ) : (
        <>
          <Chart graph={graph} times={times} step={step} index={index} onCursor={setIndex} />
          <Legend graph={graph} times={times} index={index} />
          <ValuesTable graph={graph} times={times} />
        </>
      )}
    </section>
  );
}
