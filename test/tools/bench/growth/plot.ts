import { box, gridLine, label, picture, polyline } from "../../pictures/svg.ts";

/** A figure by its place on the x axis, in the order of {@link Panel.ticks}. */
export interface Line {
  name: string;
  colour: "blue" | "green" | "orange" | "purple" | "red";
  values: readonly number[];
}

export interface Panel {
  title: string;
  ticks: readonly string[];
  lines: readonly Line[];
}

const SIZE = { width: 880, height: 330 };
const AREA = { top: 74, bottom: 222, left: 52, width: 350, step: 430 };
const LEGEND = { top: 252, step: 17 };
/** Times the first value; the axis is logarithmic. */
const FACTORS = [0.5, 1, 2, 4, 8, 16, 32, 64, 128];

/** Draws two panels side by side: each line by how many times its first value it is. */
export function drawGrowth(title: string, panels: readonly Panel[]): string {
  const ofPanel = ({ title, lines }: Panel) =>
    `${title}: ${lines.map(({ name, values }) => `${name} ${timesOf(values, values.length - 1)}`).join(", ")}.`;
  const description = panels.map(ofPanel).join(" ");
  const heading = label(20, 30, title, { kind: "name" });
  return picture({ ...SIZE, title, description }, [heading, ...panels.flatMap(drawPanel)]);
}

function drawPanel({ title, ticks, lines }: Panel, place: number): string[] {
  const left = AREA.left + place * AREA.step;
  const right = left + AREA.width;
  const toX = (index: number) => left + 20 + (index / Math.max(1, ticks.length - 1)) * (AREA.width - 40);
  const [lowest = 1, highest = 1] = [FACTORS.at(0), FACTORS.at(-1)].map((factor) => Math.log2(factor ?? 1));
  const toY = (factor: number) =>
    AREA.bottom - ((Math.log2(factor) - lowest) / (highest - lowest)) * (AREA.bottom - AREA.top);
  return [
    label(left, 56, title, { kind: "faint" }),
    ...FACTORS.flatMap((factor) => [
      gridLine(left, toY(factor), right, toY(factor)),
      label(left - 6, toY(factor) + 4, `${factor}×`, { kind: "faint small end" }),
    ]),
    ...ticks.map((tick, index) => label(toX(index), AREA.bottom + 15, tick, { kind: "faint small middle" })),
    ...lines.flatMap(({ name, colour, values }, index) => [
      polyline(
        values.map((value, at): [number, number] => [toX(at), toY(value / (values[0] ?? 1))]),
        colour,
      ),
      box(left, LEGEND.top + index * LEGEND.step - 6, 12, 4, colour),
      label(left + 18, LEGEND.top + index * LEGEND.step, `${name}: ${timesOf(values, values.length - 1)}`, {
        kind: "faint small",
      }),
    ]),
  ];
}

function timesOf(values: readonly number[], at: number): string {
  return `${Number(((values[at] ?? 0) / (values[0] ?? 1)).toPrecision(3))}×`;
}
