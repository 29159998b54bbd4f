import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { committedPanels } from "../../stack/_dashboard.ts";
import type { OtlpSpan } from "../../support/otlp.ts";
import { drawDashboard } from "./draw-dashboard.ts";
import { drawTrace } from "./draw-trace.ts";
import type { RecordedPanel } from "./record-dashboard.ts";
import { inUnit, ticksTo } from "./units.ts";

const span = (name: string, parentSpanId: string, startMs: number, endMs: number): OtlpSpan => ({
  ...{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: name, parentSpanId, name },
  ...{ startTimeUnixNano: String(startMs * 1e6), endTimeUnixNano: String(endMs * 1e6) },
  attributes: [{ key: "results.count", value: { intValue: 5 } }],
});

const panel = (title: string) => {
  const found = committedPanels().find((candidate) => candidate.title === title);
  if (!found) throw new Error(`the dashboard has no panel ${title}`);
  return found;
};

/** Attributes of a picture with invalid numbers. */
const invalidNumbers = (svg: string) => svg.match(/"[^"]*(?:NaN|Infinity|undefined)[^"]*"/g) ?? [];

test("draws a trace with a row per span, children below their parents by start time", () => {
  const spans = [
    span("rag.rerank", "rag.query", 8, 9),
    span("rag.embedding", "rag.query", 2, 6),
    span("rag.query", "POST /query", 1, 10),
    span("POST /query", "the caller's", 0, 12),
  ];
  const svg = drawTrace(spans);
  expect([...svg.matchAll(/class="name">([^<]+)</g)].map(([, name]) => name)).toEqual([
    "Trace 0af7651916cd43dd8448eb211c80319c",
    ...["POST /query", "rag.query", "rag.embedding", "rag.rerank"],
  ]);
  expect(svg).toContain("12.0 ms");
  expect(svg).toContain("results.count=5");
  expect(invalidNumbers(svg)).toEqual([]);
});

test("draws panels with the dashboard's colours, units, positions and no-value texts", () => {
  const line = (name: string, value: number): RecordedPanel["series"][number] => ({
    name,
    points: [0, 60, 120, 180].map((time, index) => [time, index === 1 ? Number.NaN : value * index]),
  });
  const svg = drawDashboard({
    minutes: 3,
    panels: [
      { panel: panel("Error ratio"), series: [{ name: "", points: [[180, 0.034]] }], exemplars: [] },
      { panel: panel("Cost"), series: [], exemplars: [] },
      { panel: panel("Query duration"), series: [line("p50", 0.2), line("p99", 1)], exemplars: [[120, 1.5]] },
      { panel: panel("SLO burn"), series: [line("availability, 1 h", 3)], exemplars: [] },
      { panel: panel("Errors by stage"), series: [line("rerank", 2), line("deadline", 1)], exemplars: [] },
    ],
  });
  expect(svg).toMatch(/fill:var\(--orange\)">3\.4 %</);
  expect(svg).toContain(">Nothing billed<");
  expect(svg).toContain("p50: 600 ms");
  expect(svg).toContain("availability, 1 h: 9×");
  expect(svg).toContain('stroke="var(--green)"');
  expect(invalidNumbers(svg)).toEqual([]);
});

test("formats values in Grafana's units and axes with few round steps", () => {
  expect([inUnit(0.0421, "s"), inUnit(1.284, "s"), inUnit(0.034, "percentunit"), inUnit(0.5, "percentunit")]).toEqual([
    ...["42 ms", "1.28 s", "3.4 %", "50 %"],
  ]);
  expect([inUnit(2143, "locale"), inUnit(0.5213, "currencyUSD"), inUnit(14.44, "suffix:×")]).toEqual([
    ...["2,143", "$0.521", "14.4×"],
  ]);
  expect(ticksTo(0.9)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(ticksTo(3, "locale")).toEqual([0, 1, 2, 3]);
});

test.each(["trace", "dashboard"])(
  "docs/images/%s.svg supports light and dark themes and has a text alternative",
  (name) => {
    const svg = readFileSync(`docs/images/${name}.svg`, "utf8");
    expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*>\n<title [^>]*>[^<]+<\/title>\n<desc [^>]*>[^<]+<\/desc>/);
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg.endsWith("</svg>\n")).toBe(true);
    expect(invalidNumbers(svg)).toEqual([]);
    expect(readFileSync("docs/OBSERVABILITY.md", "utf8")).toContain(`](images/${name}.svg)`);
  },
);
