import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { MetricGraph } from "#console/contract.ts";
import { time } from "../shell/format.ts";
import { chartData, chartOptions, HEIGHT } from "./chart-options.ts";
import { useThemeVersion } from "./colours.ts";
import { spoken } from "./series-data.ts";

interface Props {
  graph: MetricGraph;
  times: readonly number[];
  step: number;
  /** The point below the cursor. */
  index: number | undefined;
  onCursor(index: number | undefined): void;
}

/** The drawing of a graph. The arrow keys move its cursor, as the pointer does. */
export function Chart({ graph, times, step, index, onCursor }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const theme = useThemeVersion();
  const shape = JSON.stringify([graph.kind, step, graph.series.map(({ label, failed }) => [label, failed])]);

  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const width = () => Math.max(200, element.clientWidth);
    const made = new uPlot(chartOptions({ graph, step, width: width(), onCursor }), chartData(graph, times), element);
    chart.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: width(), height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape, theme]);

  useEffect(() => chart.current?.setData(chartData(graph, times)), [graph, times]);

  const move = (event: KeyboardEvent) => {
    const made = chart.current;
    const target = targetOf(event.key, index ?? times.length, times.length - 1);
    const at = target === undefined ? undefined : times[target];
    if (!made || at === undefined) return;
    event.preventDefault();
    made.setCursor({ left: made.valToPos(at, "x"), top: 0 });
  };

  const at = times[index ?? times.length - 1];
  return (
    <div
      class="chart"
      ref={container}
      role="slider"
      tabIndex={0}
      aria-label={`${graph.title}. Last: ${spoken(graph, undefined)}. Arrow keys move through time`}
      aria-valuemin={0}
      aria-valuemax={times.length - 1}
      aria-valuenow={index ?? times.length - 1}
      aria-valuetext={`${at === undefined ? "" : time(at * 1000)}: ${spoken(graph, index)}`}
      onKeyDown={move}
      onBlur={() => chart.current?.setCursor({ left: -10, top: -10 })}
    />
  );
}

function targetOf(key: string, index: number, last: number): number | undefined {
  if (key === "ArrowLeft") return Math.max(0, index - 1);
  if (key === "ArrowRight") return Math.min(last, index + 1);
  if (key === "Home") return 0;
  if (key === "End") return last;
  return undefined;
}
