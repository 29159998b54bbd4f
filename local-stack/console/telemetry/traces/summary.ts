import type { AttributeValue, TraceSummary } from "#console/contract.ts";
import type { OtlpSpan } from "#console/receiver/payload.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { NANOS_PER_USD, nanoUsdOf, type OwnPrices, priceIn } from "#usage/prices.ts";

/** From the first start to the last end, nanoseconds since 1970. */
export function boundsOf(spans: readonly OtlpSpan[]): { start: bigint; end: bigint } {
  let [start, end] = [spans[0]?.startTimeUnixNano ?? 0n, 0n];
  for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
    if (startTimeUnixNano < start) start = startTimeUnixNano;
    if (endTimeUnixNano > end) end = endTimeUnixNano;
  }
  return { start, end: end < start ? start : end };
}

/** Milliseconds, to a microsecond. */
export function toMs(nanos: bigint): number {
  return Number(nanos / 1000n) / 1000;
}

/**
 * One line about a trace of at least one span.
 *
 * @param prices go before the table of prices, as `OPENAI_PRICES`
 */
export function summaryOf(traceId: string, spans: readonly OtlpSpan[], prices: OwnPrices = new Map()): TraceSummary {
  const { start, end } = boundsOf(spans);
  const roots = rootsOf(spans);
  const [root = spans[0]] = roots;
  const route = root && textOf(root.attributes[ATTR.httpRoute]);
  const status = root && numberOf(root.attributes[ATTR.httpResponseStatusCode]);
  const tokens = spans.reduce((sum, span) => sum + inputTokens(span) + outputTokens(span), 0);
  const costUsd = costOf(spans, prices);
  return {
    trace_id: traceId,
    name: root?.name ?? "",
    service: root ? serviceOf(root) : "",
    ...(route !== undefined && { route }),
    start_ms: toMs(start),
    duration_ms: toMs(end - start),
    ...(status !== undefined && { status }),
    failed: hasFailed(roots, spans),
    degraded: [...new Set(spans.flatMap(degradedStages))],
    cold_start: spans.some(({ attributes }) => attributes[ATTR.faasColdstart] === true),
    spans: spans.length,
    ...(tokens > 0 && { tokens }),
    ...(costUsd !== undefined && { cost_usd: costUsd }),
  };
}

export function serviceOf({ resource }: Pick<OtlpSpan, "resource">): string {
  return textOf(resource.attributes["service.name"]) ?? "unknown_service";
}

/** Spans whose parent is not among them, such as a remote one; those without a parent first, then by start. */
function rootsOf(spans: readonly OtlpSpan[]): OtlpSpan[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans
    .filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId))
    .sort((a, b) => {
      const byParent = Number(a.parentSpanId !== undefined) - Number(b.parentSpanId !== undefined);
      return byParent || Number(a.startTimeUnixNano - b.startTimeUnixNano);
    });
}

/**
 * Whether a root failed, or the pipeline right below one: a document that failed fails its ingest, not the request. A
 * failure further down may have been retried, or its stage skipped.
 */
function hasFailed(roots: readonly OtlpSpan[], spans: readonly OtlpSpan[]): boolean {
  if (roots.some(({ status }) => status.code === "error")) return true;
  const ids = new Set(roots.map(({ spanId }) => spanId));
  return spans.some(
    ({ status, kind, parentSpanId }) =>
      status.code === "error" && kind === "internal" && parentSpanId !== undefined && ids.has(parentSpanId),
  );
}

/** The stages that a query or a search has skipped. */
function degradedStages({ events }: OtlpSpan): string[] {
  return events
    .filter(({ name }) => name === ATTR.degraded)
    .flatMap(({ attributes }) => textOf(attributes[ATTR.stage]) ?? []);
}

function inputTokens({ attributes }: OtlpSpan): number {
  return numberOf(attributes[ATTR.genAiUsageInputTokens]) ?? 0;
}

function outputTokens({ attributes }: OtlpSpan): number {
  return numberOf(attributes[ATTR.genAiUsageOutputTokens]) ?? 0;
}

/** US dollars; `undefined` when no token was billed, or the price of a model is not known. */
function costOf(spans: readonly OtlpSpan[], prices: OwnPrices): number | undefined {
  const billed = spans.filter((span) => inputTokens(span) + outputTokens(span) > 0);
  const nanos = billed.map((span) => {
    const requested = textOf(span.attributes[ATTR.genAiRequestModel]);
    const model = textOf(span.attributes[ATTR.genAiResponseModel]) ?? requested ?? "";
    const price = priceIn(prices, model, requested);
    return price && nanoUsdOf(price, inputTokens(span), outputTokens(span));
  });
  if (nanos.length === 0 || nanos.includes(undefined)) return undefined;
  return nanos.reduce<number>((sum, value) => sum + (value ?? 0), 0) / NANOS_PER_USD;
}

function textOf(value: AttributeValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function numberOf(value: AttributeValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
