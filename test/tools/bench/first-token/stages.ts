import { type OtlpSpan, spansOf, type TracesPayload } from "../../../support/otlp.ts";
import { quantile } from "../../lambda/stats.ts";

/** A stage as the exported spans show it, in milliseconds. */
export interface StageFigures {
  stage: string;
  queries: number;
  /** From the start of the request until the stage begins. */
  "begins p50": number;
  "takes p50": number;
  "takes p95": number;
}

const STAGES = ["rag.embedding", "rag.vector_search", "rag.rerank", "rag.llm_generation"];

/** Collects the spans that a function exports. */
export function collectSpans() {
  let spans: OtlpSpan[] = [];
  return {
    /** @param path of an OTLP/HTTP request with a JSON body */
    receive(path: string, body: Buffer): void {
      if (path.endsWith("/v1/traces")) spans.push(...spansOf(JSON.parse(body.toString()) as TracesPayload));
    },
    /** The figures of the spans since the last call. */
    take(): StageFigures[] {
      const taken = spans;
      spans = [];
      const starts = new Map(
        taken.filter(({ name }) => name === "POST /query").map((span) => [span.traceId, startOf(span)]),
      );
      return STAGES.map((stage) => {
        const own = taken.filter(({ name, traceId }) => name === stage && starts.has(traceId));
        const begins = own.map((span) => startOf(span) - (starts.get(span.traceId) ?? Number.NaN));
        const takes = own.map((span) => millisecondsOf(span.endTimeUnixNano) - startOf(span));
        return {
          stage,
          queries: own.length,
          "begins p50": tenths(quantile(begins, 0.5)),
          "takes p50": tenths(quantile(takes, 0.5)),
          "takes p95": tenths(quantile(takes, 0.95)),
        };
      });
    },
  };
}

const tenths = (ms: number) => Math.round(ms * 10) / 10;
const startOf = ({ startTimeUnixNano }: OtlpSpan) => millisecondsOf(startTimeUnixNano);

/** Of nanoseconds since 1970, modulo a day: a double has not the digits of all. */
function millisecondsOf(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) % 86_400_000_000_000n) / 1e6;
}
