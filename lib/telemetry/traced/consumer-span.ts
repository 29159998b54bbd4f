import { SpanKind, type TextMapPropagator } from "@opentelemetry/api";
import { ATTR } from "#telemetry/attributes.ts";
import { EMPTY_CONTEXT } from "#telemetry/sdk/linked-context.ts";
import type { XrayAnnotations } from "#telemetry/xray/annotations.ts";
import { parseXrayHeader } from "#telemetry/xray/trace-header.ts";
import { countStart, type FunctionInvocation, invocationAttributes, traceBelow, type WorkTrace } from "./invocation.ts";
import { senderOf } from "./origin.ts";
import { type Instrumentation, withSpan } from "./span.ts";

/** A message of a queue, as telemetry records it. */
export interface DeliveredMessage {
  id: string;
  /** `messaging.system.name` of the queue's service: "aws.sqs". */
  system: string;
  /** The queue's name. */
  queue: string;
  /** W3C `traceparent` of the sender. */
  traceparent?: string;
}

/** Processes a message inside a consumer span; what `process` throws is recorded and rethrown. */
export type Consume = (
  message: DeliveredMessage,
  invocation: FunctionInvocation,
  process: (trace: WorkTrace) => Promise<void>,
) => Promise<void>;

const TRIGGER = "pubsub";

/**
 * Each message has a trace of its own, linked to its sender's: it may be delivered long after that one is over, and more
 * than once.
 *
 * @param xray absent when X-Ray's traces are neither linked nor annotated
 */
export function createConsume(
  instrumentation: Instrumentation,
  propagator: TextMapPropagator,
  xray?: XrayAnnotations,
): Consume {
  const { metrics } = instrumentation;

  return (message, invocation, process) => {
    const operation = {
      [ATTR.messagingSystemName]: message.system,
      [ATTR.messagingOperationName]: "process",
      [ATTR.messagingDestinationName]: message.queue,
    };
    countStart(metrics, invocation, TRIGGER);
    const xrayTrace = xray && parseXrayHeader(invocation.xrayTraceHeader ?? "");
    const { links, attributes } = senderOf(message.traceparent, xrayTrace, propagator);
    const spec = {
      name: `process ${message.queue}`,
      kind: SpanKind.CONSUMER,
      attributes: {
        ...operation,
        [ATTR.openInferenceSpanKind]: "CHAIN",
        [ATTR.messagingOperationType]: "process",
        [ATTR.messagingMessageId]: message.id,
        ...invocationAttributes(invocation, TRIGGER),
        ...attributes,
      },
      parent: EMPTY_CONTEXT,
      links,
      collects: true,
      onEnd(seconds: number, failure: string | undefined) {
        const outcome = { ...operation, ...(failure !== undefined && { [ATTR.errorType]: failure }) };
        metrics.processDuration.record(seconds, outcome);
        metrics.consumedMessages.add(1, outcome);
      },
    };
    return withSpan(instrumentation, spec, async (span) => {
      if (xrayTrace && span.isRecording()) xray.add(xrayTrace, span.spanContext().traceId);
      await process(traceBelow(span, instrumentation, TRIGGER));
    });
  };
}
