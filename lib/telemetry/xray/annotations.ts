import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { XrayTrace } from "./trace-header.ts";

/** Links X-Ray's traces to ours: annotates them with our trace ids. */
export interface XrayAnnotations {
  /** Queues an annotation for an invocation that X-Ray samples; does nothing for others. */
  add(xray: XrayTrace, traceId: string): void;
  /** Sends queued annotations. Call it after the response: the first call loads Powertools, about 75 ms. Never rejects. */
  flush(): Promise<void>;
}

/** Puts an annotation on the X-Ray trace that `root` names, if that is the one in force. */
export type Annotate = (root: string, key: string, value: string) => void;

/** More than one flush is ever behind, unless nothing flushes. */
const MAX_ANNOTATIONS = 100;

export function createXrayAnnotations(load: () => Promise<Annotate> = loadPowertools): XrayAnnotations {
  let queued: ((annotate: Annotate) => void)[] = [];
  let loaded: Promise<Annotate> | undefined;

  return {
    add({ root, sampled }, traceId) {
      if (!sampled || queued.length >= MAX_ANNOTATIONS) return;
      // With concurrent invocations, the current X-Ray segment is part of the asynchronous context.
      const inContext = AsyncLocalStorage.snapshot();
      queued.push((annotate) => inContext(annotate, root, "otel_trace_id", traceId));
    },
    async flush() {
      if (queued.length === 0) return;
      const due = queued;
      queued = [];
      try {
        loaded ??= load();
        const annotate = await loaded;
        for (const send of due) send(annotate);
        // The datagrams leave a turn later.
        await nextTurn();
      } catch {
        // X-Ray then lacks the annotation; the trace is exported all the same.
      }
    },
  };
}

/**
 * Lambda's own segment takes no annotations, so each goes on a subsegment. Without `captureHTTPsRequests: false` the
 * tracer would patch `http` and `fetch`, and send X-Ray's header to every host.
 */
async function loadPowertools(): Promise<Annotate> {
  const { Tracer } = await import("@aws-lambda-powertools/tracer");
  const tracer = new Tracer({ captureHTTPsRequests: false });

  return (root, key, value) => {
    const segment = tracer.getSegment();
    if (!segment || !("trace_id" in segment) || segment.trace_id !== root) return;
    const subsegment = segment.addNewSubsegment("opentelemetry");
    tracer.setSegment(subsegment);
    tracer.putAnnotation(key, value);
    tracer.setSegment(segment);
    subsegment.close();
  };
}
