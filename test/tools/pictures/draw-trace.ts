import { attribute, type OtlpSpan } from "../../support/otlp.ts";
import { box, gridLine, label, picture } from "./svg.ts";

const WIDTH = 960;
const LEFT = 240;
const RIGHT = 40;
const TOP = 78;
const ROW = 46;

/** Stages have the same colours as in the dashboard. */
const COLOURS: Readonly<Record<string, string>> = {
  "rag.query": "green",
  "rag.embedding": "blue",
  "rag.vector_search": "purple",
  "rag.rerank": "orange",
  "rag.llm_generation": "yellow",
};

/** Attributes shown for each span. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "POST /query": ["http.response.status_code", "faas.coldstart", "url.path"],
  "rag.query": ["query.length", "results.count", "cache.hit"],
  "rag.embedding": ["model.name", "text.length", "gen_ai.embeddings.dimension.count"],
  "rag.vector_search": ["db.system.name", "results.count", "score.max"],
  "rag.rerank": ["candidates.count", "results.count", "score.max"],
  "rag.llm_generation": ["model.name", "tokens.prompt", "tokens.completion"],
};

/** Draws a trace as a waterfall: a row per span, children below their parents, ordered by start time. */
export function drawTrace(spans: readonly OtlpSpan[]): string {
  const rows = inOrder(spans);
  const [root] = rows;
  if (!root) throw new Error("the trace has no spans");
  const total = milliseconds(root.span.startTimeUnixNano, root.span.endTimeUnixNano);
  const toX = (ms: number) => LEFT + (ms / total) * (WIDTH - LEFT - RIGHT);
  const height = TOP + rows.length * ROW + 30;
  const bottom = height - 30;
  const step = stepOf(total);
  const ticks = Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);

  const body = [
    label(20, 30, `Trace ${root.span.traceId}`, { kind: "name" }),
    label(20, 48, `${rows.length} spans, ${total.toFixed(1)} ms: where one question spent its time`, { kind: "faint" }),
    ...ticks.flatMap((ms) => [
      gridLine(toX(ms), TOP - 8, toX(ms), bottom),
      label(toX(ms) + 3, TOP - 12, `${ms} ms`, { kind: "faint small" }),
    ]),
    ...rows.flatMap(({ span, depth }, index) => {
      const y = TOP + index * ROW;
      const from = toX(milliseconds(root.span.startTimeUnixNano, span.startTimeUnixNano));
      const to = toX(milliseconds(root.span.startTimeUnixNano, span.endTimeUnixNano));
      const ms = milliseconds(span.startTimeUnixNano, span.endTimeUnixNano);
      // Text that would overflow the picture is moved to the left.
      const details = detailsOf(span);
      const x = Math.min(from, WIDTH - RIGHT - details.length * 6.7);
      return [
        label(20 + depth * 14, y + 14, span.name, { kind: "name" }),
        label(LEFT - 14, y + 14, `${ms.toFixed(1)} ms`, { kind: "faint end" }),
        box(from, y + 3, Math.max(to - from, 2), 14, COLOURS[span.name] ?? "text"),
        label(x, y + 32, details, { kind: "code" }),
      ];
    }),
    label(20, height - 12, CAPTION, { kind: "faint small" }),
  ];
  const names = rows.map(({ span }) => span.name).join(", ");
  const description = `A waterfall of ${rows.length} spans in ${total.toFixed(1)} ms: ${names}.`;
  return picture({ width: WIDTH, height, title: "The trace of one question", description }, body);
}

const CAPTION =
  "Drawn from the spans that the functions exported for “How do I turn telemetry off?”, with npm run dev on a laptop.";

/** Depth-first order; siblings by start time. */
function inOrder(spans: readonly OtlpSpan[]): { span: OtlpSpan; depth: number }[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const byStart = spans.toSorted((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)));
  const below = (span: OtlpSpan, depth: number): { span: OtlpSpan; depth: number }[] => [
    { span, depth },
    ...byStart.filter(({ parentSpanId }) => parentSpanId === span.spanId).flatMap((child) => below(child, depth + 1)),
  ];
  return byStart
    .filter(({ parentSpanId }) => !parentSpanId || !ids.has(parentSpanId))
    .flatMap((root) => below(root, 0));
}

function detailsOf(span: OtlpSpan): string {
  return (SHOWN[span.name] ?? [])
    .map((key) => [key, attribute(span, key)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === "number" ? Math.round(value * 100) / 100 : value}`)
    .join(" · ");
}

function milliseconds(from: string, to: string): number {
  return Number(BigInt(to) - BigInt(from)) / 1e6;
}

/** A step of 1, 2 or 5 times a power of ten, so that the axis has four to ten steps. */
function stepOf(total: number): number {
  const power = 10 ** Math.floor(Math.log10(total / 4));
  return [5, 2, 1].map((factor) => factor * power).find((step) => total / step >= 4) ?? power;
}
