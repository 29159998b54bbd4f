/** A graph as uPlot draws it. */
import uPlot from "uplot";
import type { MetricGraph } from "#console/contract.ts";
import { time } from "../shell/format.ts";
import { colourOf } from "./colours.ts";
import { isolated, stacked } from "./series-data.ts";
import { tonesOf } from "./tones.ts";
import { axisText } from "./units.ts";

/** CSS pixels. */
export const HEIGHT = 180;
const AXIS_WIDTH = 64;
const AXIS_HEIGHT = 28;

/** All graphs show the cursor at the same time. */
const SYNC_KEY = "metrics";

const LINE_WIDTH = 1.75;
const WHOLE_NUMBERS = [1, 2, 5].flatMap((digit) => [0, 1, 2, 3, 4, 5, 6, 7].map((power) => digit * 10 ** power));

export interface ChartOptions {
  graph: MetricGraph;
  /** Seconds of one bar. */
  step: number;
  width: number;
  /** @param index of the point below the cursor, `undefined` without one */
  onCursor(index: number | undefined): void;
}

export function chartOptions({ graph, step, width, onCursor }: ChartOptions): uPlot.Options {
  const { unit } = graph;
  const style = getComputedStyle(document.documentElement);
  const axis: uPlot.Axis = {
    stroke: colourOf("tone-muted"),
    font: `12px ${style.getPropertyValue("--sans")}`,
    grid: { stroke: colourOf("tone-line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    scales: {
      x: { range: (_, min, max) => [min - step, max] },
      y: { range: (_, __, max) => [0, topOf(max, unit)] },
    },
    axes: [
      { ...axis, size: AXIS_HEIGHT, space: 72, values: (_, splits) => splits.map((at) => clock(at, splits)) },
      {
        ...axis,
        size: AXIS_WIDTH,
        space: 36,
        ...(unit === "count" && graph.kind === "bars" && { incrs: WHOLE_NUMBERS.toSorted((a, b) => a - b) }),
        values: (_, splits) => splits.map((value) => axisText(value, unit)),
      },
    ],
    series: [{}, ...tonesOf(graph).map(({ name, dash }) => seriesOf(graph, colourOf(name), dash))],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: SYNC_KEY },
      points: { size: 7 },
    },
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)] },
  };
}

/** The graph's values in the order of its series, after the times. */
export function chartData(graph: MetricGraph, times: readonly number[]): uPlot.AlignedData {
  const values = graph.series.map((series) => series.values);
  return [[...times], ...(graph.kind === "bars" ? stacked(values) : values)];
}

function seriesOf({ kind }: MetricGraph, colour: string, dash: readonly number[]): uPlot.Series {
  if (kind === "bars") {
    const paths = uPlot.paths.bars?.({ size: [0.85, 24, 2], align: -1 });
    return {
      fill: colour,
      stroke: colourOf("tone-surface"),
      width: 1,
      points: { show: false },
      ...(paths && { paths }),
    };
  }
  const points: uPlot.Series.Points = {
    show: true,
    size: 5,
    fill: colour,
    stroke: colour,
    filter: (chart, index) => isolated((chart.data[index] ?? []) as (number | null)[]),
  };
  return { stroke: colour, width: LINE_WIDTH, dash: [...dash], points };
}

/** The upper end of the axis: room above the highest value, but no share above 100 %. */
function topOf(highest: number | null, unit: MetricGraph["unit"]): number {
  if (!highest) return 1;
  return unit === "ratio" ? Math.min(1, highest * 1.15) : highest * 1.15;
}

/** 14:03, with seconds where the axis has more than one tick a minute. */
function clock(at: number, splits: readonly number[]): string {
  const text = time(at * 1000);
  return splits.some((split) => split % 60 !== 0) ? text : text.slice(0, 5);
}
