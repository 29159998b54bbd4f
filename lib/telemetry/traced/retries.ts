import { trace } from "@opentelemetry/api";
import { ATTR } from "#telemetry/attributes.ts";
import { stageErrorType } from "./error-type.ts";
import type { Instrumentation } from "./span.ts";

export interface RetryRecord {
  /** The service that was asked: "chat". */
  service: string;
  error: unknown;
  /** The attempt that failed, from 1. */
  attempt: number;
  /** Milliseconds until the next one. */
  delayMs: number;
}

export function recordRetry({ metrics }: Instrumentation, { service, error, attempt, delayMs }: RetryRecord): void {
  metrics.retries.add(1, { dependency: service });
  trace.getActiveSpan()?.addEvent("rag.retry", {
    [ATTR.dependency]: service,
    [ATTR.attempt]: attempt,
    [ATTR.delayMs]: Math.round(delayMs),
    [ATTR.errorType]: stageErrorType(error),
  });
}
