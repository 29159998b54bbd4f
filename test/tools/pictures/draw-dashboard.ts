import type { Panel } from "../../stack/_dashboard.ts";
import { type Area, drawGraph } from "./draw-graph.ts";
import { lookOf } from "./look.ts";
import type { RecordedDashboard, RecordedPanel } from "./record-dashboard.ts";
import { box, label, picture, round } from "./svg.ts";
import { inUnit } from "./units.ts";

const WIDTH = 1_080;
const MARGIN = 14;
const HEAD = 44;
/** Grafana's grid has 24 columns. */
const COLUMN = (WIDTH - 2 * MARGIN) / 24;
const ROW = 26;
const GAP = 8;

type Placed = Panel & { gridPos: { x: number; y: number; w: number; h: number } };

/** Draws the recorded panels at their positions in the dashboard. */
export function drawDashboard({ minutes, panels }: RecordedDashboard): string {
  const placed = panels.map(({ panel }) => (panel as Placed).gridPos);
  const bottom = HEAD + Math.max(...placed.map(({ y, h }) => y + h - headingsAbove(y))) * ROW;
  const height = bottom + 34;
  const caption = `Drawn from the dashboard's own queries: the panels of rag-pipeline.json with Prometheus's results for ${minutes} minutes of scripted load, not a screenshot of Grafana.`;
  const body = [
    label(MARGIN + 4, 28, "RAG pipeline", { kind: "name" }),
    label(WIDTH - MARGIN - 4, 28, `Service edge-rag · Environment prod · last ${minutes} minutes`, {
      kind: "faint end",
    }),
    ...panels.flatMap((recorded) => drawPanel(recorded)),
    label(MARGIN + 4, height - 12, caption, { kind: "faint small" }),
  ];
  const titles = panels.map(({ panel }) => panel.title).join(", ");
  return picture(
    { width: WIDTH, height, title: "The dashboard RAG pipeline", description: `Panels: ${titles}.` },
    body,
  );
}

/** Row headings of the dashboard, omitted in the picture: Overview, and Stages from grid line 21 on. */
function headingsAbove(y: number): number {
  return y > 21 ? 2 : 1;
}

function drawPanel(recorded: RecordedPanel): string[] {
  const { title, type, gridPos } = recorded.panel as Placed;
  const area: Area = {
    x: MARGIN + gridPos.x * COLUMN + GAP / 2,
    y: HEAD + (gridPos.y - headingsAbove(gridPos.y)) * ROW,
    width: gridPos.w * COLUMN - GAP,
    height: gridPos.h * ROW - GAP,
  };
  return [
    box(area.x, area.y, area.width, area.height, "card", 5),
    label(area.x + 12, area.y + 19, title, { kind: "name" }),
    ...(type === "stat" ? drawStat(recorded, area) : drawGraph(recorded, lookOf(recorded.panel), area)),
  ];
}

function drawStat({ panel, series }: RecordedPanel, area: Area): string[] {
  const look = lookOf(panel);
  const value = series[0]?.points.at(-1)?.[1];
  const [text, fill] =
    value === undefined ? [look.noValue, "text"] : [inUnit(value, look.unit, look.decimals), look.colourAt(value)];
  return [
    `<text x="${round(area.x + 12)}" y="${round(area.y + 68)}" style="font-size:${text.length > 9 ? 18 : 32}px;font-weight:600;fill:var(--${fill})">${text}</text>`,
  ];
}
