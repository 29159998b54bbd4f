import { attribute, type OtlpSpan } from "../../../local-stack/dev/otlp.ts";
import { box, gridLine, label, picture } from "./svg.ts";

const WIDTH = 960;
const LEFT = 240;
const RIGHT = 40;
const TOP = 78;
const ROW = 46;

/** The colours of stages are those of the dashboard. */
const COLOURS: Readonly<Record<string, string>> = {
  "rag.query": "green",
  "rag.embedding": "blue",
  "rag.vector_search": "purple",
  "rag.rerank": "orange",
  "rag.llm_generation": "yellow",
};

/** Attributes worth a glance, of those that each span has. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  "POST /query": ["http.response.status_code", "faas.coldstart", "url.path"],
  "rag.query": ["query.length", "results.count", "cache.hit"],
  "rag.embedding": ["model.name", "text.length", "gen_ai.embeddings.dimension.count"],
  "rag.vector_search": ["db.system.name", "results.count", "score.max"],
  "rag.rerank": ["candidates.count", "results.count", "score.max"],
  "rag.llm_generation": ["model.name", "tokens.prompt", "tokens.completion"],
};

/** A trace as a waterfall: a row for each span, children under their parents, in the order they began. */
export function drawTrace(spans: readonly OtlpSpan[]): string {
  const rows = inOrder(spans);
  const [root] = rows;
  if (!root) throw new Error("there is no span to draw");
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
      // What would run out of the picture stands before the end of its bar.
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
  "Drawn from the spans that the functions sent for “How do I turn telemetry off?”, asked of npm run dev's parts on a laptop.";

/** Children after their parents, each group in the order its spans began. */
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

/** 1, 2 or 5 times a power of ten: four to ten of them fit. */
function stepOf(total: number): number {
  const power = 10 ** Math.floor(Math.log10(total / 4));
  return [5, 2, 1].map((factor) => factor * power).find((step) => total / step >= 4) ?? power;
}
