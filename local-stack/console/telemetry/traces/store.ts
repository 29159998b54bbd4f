import type { TraceSummary } from "#console/contract.ts";
import type { OtlpSpan, Resource, TracesPayload } from "#console/receiver/payload.ts";
import type { OwnPrices } from "#usage/prices.ts";
import type { TraceSource } from "../sources.ts";
import { listTraces } from "./list.ts";
import { attributeBytes, bytesOf } from "./span-bytes.ts";
import { summaryOf } from "./summary.ts";
import { toTrace } from "./tree.ts";

export interface TraceStoreOptions {
  /** Of the traces that are kept; default 5,000. */
  maxTraces?: number;
  /** About how much memory they take; default 128 MiB. */
  maxBytes?: number;
  prices?: OwnPrices;
}

export interface TraceStore extends TraceSource {
  /** Adds spans to their traces. A span that was received before is replaced: its sender did not hear so, and sent it again. */
  add(payload: TracesPayload): void;
}

interface Kept {
  spans: Map<string, OtlpSpan>;
  resources: Set<Resource>;
  bytes: number;
  /** Absent since the last span was added. */
  summary?: TraceSummary | undefined;
}

const newTrace = (): Kept => ({ spans: new Map(), resources: new Set(), bytes: 0 });

/** Resources that spans of later requests share; beyond, all are forgotten. */
const MAX_RESOURCES = 256;

/** Keeps traces in memory. The one whose first span was received first is forgotten when there are too many. */
export function createTraceStore(options: TraceStoreOptions = {}): TraceStore {
  const { maxTraces = 5_000, maxBytes = 128 * 2 ** 20, prices } = options;
  /** By id, in the order of their first span. */
  const traces = new Map<string, Kept>();
  const resources = new Map<string, Resource>();
  let bytes = 0;
  let forgotten = 0;

  function addSpan(span: OtlpSpan): void {
    const trace = traces.get(span.traceId) ?? newTrace();
    traces.set(span.traceId, trace);
    const before = trace.spans.get(span.spanId);
    let added = bytesOf(span) - (before ? bytesOf(before) : 0);
    if (!trace.resources.has(span.resource)) added += attributeBytes(span.resource.attributes);
    trace.resources.add(span.resource);
    trace.spans.set(span.spanId, span);
    trace.summary = undefined;
    trace.bytes += added;
    bytes += added;
  }

  function forgetOldest(): void {
    for (const [id, trace] of traces) {
      if (traces.size <= maxTraces && bytes <= maxBytes) return;
      traces.delete(id);
      bytes -= trace.bytes;
      forgotten += 1;
    }
  }

  /** Every request of a process has the same resource: one of them is kept. */
  function share(resource: Resource): Resource {
    const key = JSON.stringify(resource.attributes);
    const known = resources.get(key);
    if (known) return known;
    if (resources.size >= MAX_RESOURCES) resources.clear();
    resources.set(key, resource);
    return resource;
  }

  function summarize(id: string, trace: Kept): TraceSummary {
    trace.summary ??= summaryOf(id, [...trace.spans.values()], prices);
    return trace.summary;
  }

  return {
    add({ spans }) {
      const shared = new Map<Resource, Resource>();
      for (const span of spans) {
        const resource = shared.get(span.resource) ?? share(span.resource);
        shared.set(span.resource, resource);
        addSpan({ ...span, resource });
      }
      forgetOldest();
    },
    async list(filter) {
      const summaries = [...traces].map(([id, trace]) => summarize(id, trace));
      return { ...listTraces(summaries, filter), ...(forgotten > 0 && { forgotten }) };
    },
    async get(traceId) {
      const trace = traces.get(traceId);
      return trace && toTrace(summarize(traceId, trace), [...trace.spans.values()]);
    },
  };
}
