import type { AttributeValue, Span } from "#console/contract.ts";
import { count, duration, usd } from "../../shell/format.ts";

/** What matters most about a span, in a few words. */
export interface Fact {
  text: string;
  tone?: "failed" | "warning";
}

/** In the order of their weight: what failed, what was missing, then what was done. */
export function factsOf(span: Span): Fact[] {
  const number = (name: string) => numberOf(span.attributes[name]);
  const text = (...names: string[]) =>
    names.map((name) => span.attributes[name]).find((value) => typeof value === "string");
  const counted = (name: string, one: string, many: string) => {
    const value = number(name);
    return value === undefined ? undefined : { text: `${count(value)} ${value === 1 ? one : many}` };
  };
  const status = number("http.response.status_code");
  const cacheHit = span.attributes["cache.hit"];
  const isRetried = span.events.filter(({ name }) => name === "rag.retry").length;
  const firstChunk = number("gen_ai.response.time_to_first_chunk");
  const cost = number("gen_ai.usage.cost") ?? number("llm.cost.total");

  const facts: (Fact | undefined | false)[] = [
    span.status === "error" && { text: failureOf(span), tone: "failed" },
    ...degradedStages(span).map((stage): Fact => ({ text: `without ${stage}`, tone: "warning" })),
    status !== undefined && {
      text: String(status),
      ...(status >= 400 && { tone: status >= 500 ? "failed" : "warning" }),
    },
    span.attributes["faas.coldstart"] === true && { text: "cold start" },
    isRetried > 0 && { text: isRetried === 1 ? "1 retry" : `${isRetried} retries`, tone: "warning" },
    span.attributes["cache.answer.hit"] === true && { text: "answer from the cache" },
    typeof cacheHit === "boolean" && { text: cacheHit ? "cache hit" : "cache miss" },
    span.attributes.rewritten === true && { text: "rewritten" },
    counted("results.count", "result", "results"),
    counted("documents.count", "document", "documents"),
    counted("chunks.count", "chunk", "chunks"),
    tokensOf(span),
    textFact(text("gen_ai.response.model", "gen_ai.request.model", "model.name")),
    cost !== undefined && { text: usd(cost) },
    firstChunk !== undefined && { text: `first chunk after ${duration(firstChunk * 1000)}` },
    textFact(text("db.system.name", "db.system", "messaging.system", "rpc.method")),
  ];
  return facts.filter((fact) => fact !== undefined && fact !== false);
}

/** The stages that a query went without, as its events say. */
function degradedStages({ events }: Span): string[] {
  return events
    .filter(({ name }) => name === "rag.degraded")
    .map(({ attributes }) => String(attributes["rag.stage"] ?? "a stage"));
}

function failureOf({ attributes, events }: Span): string {
  const exception = events.find(({ name }) => name === "exception")?.attributes["exception.type"];
  const type = attributes["error.type"] ?? exception;
  return type === undefined ? "failed" : `failed: ${String(type)}`;
}

function tokensOf({ attributes }: Span): Fact | undefined {
  const prompt = numberOf(attributes["tokens.prompt"] ?? attributes["gen_ai.usage.input_tokens"]);
  const completion = numberOf(attributes["tokens.completion"] ?? attributes["gen_ai.usage.output_tokens"]);
  // Models that run in the process count none.
  if (!prompt && !completion) return undefined;
  const parts = [prompt, completion].filter((part) => part !== undefined).map(count);
  return { text: `${parts.join(" + ")} tokens` };
}

function textFact(text: string | undefined): Fact | undefined {
  return text === undefined ? undefined : { text };
}

function numberOf(value: AttributeValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
