import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { XrayTrace } from "./trace-header.ts";

/** Tells X-Ray which trace belongs to which of its own. */
export interface XrayAnnotations {
  /** Keeps that an invocation recorded by X-Ray has this trace; of others, keeps nothing. */
  add(xray: XrayTrace, traceId: string): void;
  /** Sends what was kept. To be called after the response: the first time it loads Powertools, about 75 ms. Never rejects. */
  flush(): Promise<void>;
}

/** Puts an annotation on the X-Ray trace that `root` names, if that is the one in force. */
export type Annotate = (root: string, key: string, value: string) => void;

/** More than one flush is ever behind, unless nothing flushes. */
const MAX_NOTES = 100;

export function createXrayAnnotations(load: () => Promise<Annotate> = loadPowertools): XrayAnnotations {
  let notes: ((annotate: Annotate) => void)[] = [];
  let loaded: Promise<Annotate> | undefined;

  return {
    add({ root, sampled }, traceId) {
      if (!sampled || notes.length >= MAX_NOTES) return;
      // Where invocations run side by side, which of them X-Ray means is part of the asynchronous context.
      const asThen = AsyncLocalStorage.snapshot();
      notes.push((annotate) => asThen(annotate, root, "otel_trace_id", traceId));
    },
    async flush() {
      if (notes.length === 0) return;
      const due = notes;
      notes = [];
      try {
        loaded ??= load();
        const annotate = await loaded;
        for (const note of due) note(annotate);
        // The datagrams leave a turn later.
        await nextTurn();
      } catch {
        // X-Ray then knows less. The trace is exported all the same.
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
