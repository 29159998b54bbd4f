import type { Look, PanelLook } from "./look.ts";
import type { RecordedPanel, Series } from "./record-dashboard.ts";
import { box, gridLine, label, polyline, round } from "./svg.ts";
import { inUnit, ticksTo } from "./units.ts";

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Time that each of the dashboard's bars covers. */
const BAR_SECONDS = 60;
const LEFT = 52;
const TITLE = 24;
const LEGEND = 18;
const AXIS = 16;
/** Approximate width of a letter in the legend. */
const LETTER = 6.1;

/** Draws lines or stacked bars over time, with a legend below. */
export function drawGraph({ series, exemplars }: RecordedPanel, look: PanelLook, area: Area): string[] {
  const shown = series.filter(({ points }) => points.some(([, value]) => Number.isFinite(value)));
  const times = shown.flatMap(({ points }) => points.map(([time]) => time));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const legends = legendOf(shown, look, area.width - 24);
  const plot = {
    left: area.x + LEFT,
    right: area.x + area.width - 12,
    top: area.y + TITLE + 10,
    bottom: area.y + area.height - AXIS - LEGEND * legends.length - 6,
  };
  const stacked = look.bars ? stack(shown) : [];
  const greatest = Math.max(...(look.bars ? stacked.map(({ to }) => to) : shown.flatMap(finite)), look.softMax ?? 0);
  const scale = look.isLog ? (value: number) => Math.log2(1 + value) : (value: number) => value;
  const ticks = look.isLog
    ? [0, 1, 2, 4, 8, 16, 32, 64, 128].filter((tick) => tick <= greatest * 2)
    : ticksTo(greatest, look.unit);
  const top = scale(ticks.at(-1) ?? 1);
  const toX = (time: number) => plot.left + ((time - first) / (last - first || 1)) * (plot.right - plot.left);
  const toY = (value: number) => plot.bottom - (scale(value) / top) * (plot.bottom - plot.top);
  const minutes = Array.from({ length: Math.floor((last - first) / 120) + 1 }, (_, index) => index * 2);

  return [
    ...ticks.flatMap((tick) => [
      gridLine(plot.left, toY(tick), plot.right, toY(tick)),
      label(plot.left - 6, toY(tick) + 4, inUnit(tick, look.unit), { kind: "faint small end" }),
    ]),
    ...minutes
      .filter((minute) => toX(first + minute * 60) < plot.right - 14)
      .map((minute) =>
        label(toX(first + minute * 60), plot.bottom + AXIS - 2, minute === 0 ? "0" : `${minute} min`, {
          kind: "faint small middle",
        }),
      ),
    ...(look.bars
      ? stacked.map(({ time, from, to, name }) => {
          const [start, end] = [Math.max(toX(time - BAR_SECONDS), plot.left), toX(time)];
          return box(start + 1, toY(to), Math.max(end - start - 2, 1), toY(from) - toY(to), look.colourOf(name), 0);
        })
      : shown.map(({ name, points }) =>
          polyline(
            points.map(([time, value]) =>
              Number.isFinite(value) ? [toX(time), toY(Math.min(value, ticks.at(-1) ?? value))] : undefined,
            ),
            look.colourOf(name),
            look.isDashed(name),
          ),
        )),
    ...exemplars
      .filter(([time, value]) => time >= first && time <= last && value <= (ticks.at(-1) ?? 0))
      .map(([time, value]) => diamond(toX(time), toY(value))),
    ...legends.flatMap((row, index) =>
      row.flatMap(({ x, text, name }) => [
        box(area.x + 12 + x, plot.bottom + AXIS + LEGEND * index + 9, 12, 4, look.colourOf(name)),
        label(area.x + 28 + x, plot.bottom + AXIS + LEGEND * index + 15, text, { kind: "faint small" }),
      ]),
    ),
  ];
}

function finite({ points }: Series): number[] {
  return points.map(([, value]) => value).filter(Number.isFinite);
}

function diamond(x: number, y: number): string {
  const [left, up] = [round(x), round(y)];
  return `<path d="M${left} ${round(up - 3.5)}l3.5 3.5l-3.5 3.5l-3.5 -3.5z" fill="var(--blue)" opacity="0.75"/>`;
}

/** Stacks the bars of each minute; a point is the sum over the minute before it. */
function stack(series: readonly Series[]): { time: number; from: number; to: number; name: string }[] {
  const heights = new Map<number, number>();
  const start = Math.min(...series.flatMap(({ points }) => points.map(([time]) => time)));
  return series.flatMap(({ name, points }) =>
    points
      .filter(([time, value]) => (time - start) % BAR_SECONDS === 0 && value > 0)
      .map(([time, value]) => {
        const from = heights.get(time) ?? 0;
        heights.set(time, from + value);
        return { time, from, to: from + value, name };
      }),
  );
}

/** Lays out the series names in rows; of lines with their last value. */
function legendOf(series: readonly Series[], look: Look & PanelLook, width: number) {
  const rows: { x: number; text: string; name: string }[][] = [[]];
  let x = 0;
  for (const one of series) {
    const values = finite(one);
    const text = look.bars ? one.name : `${one.name}: ${inUnit(values.at(-1) ?? 0, look.unit)}`;
    const needed = 16 + text.length * LETTER + 14;
    if (x > 0 && x + needed > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ x, text, name: one.name });
    x += needed;
  }
  return rows;
}
