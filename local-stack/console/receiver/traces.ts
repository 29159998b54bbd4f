import { attributesIn } from "./attributes.ts";
import { enumIn, type Fields, idIn, messageIn, messagesIn, textIn, uint64In } from "./fields.ts";
import { LIMITS } from "./limits.ts";
import type { OtlpSpan, TracesPayload } from "./payload.ts";
import { type Received, Rejections } from "./rejections.ts";
import { readResource, readScope } from "./resources.ts";

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
const CODES = ["unset", "ok", "error"] as const;

const TRACE_ID = /^(?!0+$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0+$)[0-9a-f]{16}$/;

/**
 * Reads an ExportTraceServiceRequest. Spans without valid ids are rejected, the others are in the payload.
 *
 * @throws DecodeError when it is no such request
 */
export function readTraces(request: Fields): Received<TracesPayload> {
  const rejections = new Rejections("span");
  const spans: OtlpSpan[] = [];
  messagesIn(request, "resourceSpans", (resourceSpans) => {
    const resource = readResource(resourceSpans);
    messagesIn(resourceSpans, "scopeSpans", (scopeSpans) => {
      const scope = readScope(scopeSpans);
      messagesIn(scopeSpans, "spans", (fields) => {
        const span = { resource, scope, ...readSpan(fields) };
        const problem = problemOf(span);
        if (problem === undefined) spans.push(span);
        else rejections.add(`"${span.name}": ${problem}`);
      });
    });
  });
  return { payload: { spans }, rejections };
}

function readSpan(fields: Fields): Omit<OtlpSpan, "resource" | "scope"> {
  const parentSpanId = idIn(fields, "parentSpanId");
  const status = messageIn(fields, "status");
  return {
    traceId: idIn(fields, "traceId"),
    spanId: idIn(fields, "spanId"),
    // Some senders write a root's parent as zeros.
    ...(/[^0]/.test(parentSpanId) && { parentSpanId }),
    name: textIn(fields, "name", LIMITS.nameCharacters),
    kind: enumIn(fields, "kind", KINDS, "SPAN_KIND_"),
    startTimeUnixNano: uint64In(fields, "startTimeUnixNano"),
    endTimeUnixNano: uint64In(fields, "endTimeUnixNano"),
    attributes: attributesIn(fields),
    events: messagesIn(fields, "events", readEvent, LIMITS.events),
    links: messagesIn(fields, "links", readLink, LIMITS.links).filter(isLink),
    status: {
      code: enumIn(status, "code", CODES, "STATUS_CODE_"),
      message: textIn(status, "message", LIMITS.valueCharacters),
    },
  };
}

function readEvent(event: Fields): OtlpSpan["events"][number] {
  return {
    timeUnixNano: uint64In(event, "timeUnixNano"),
    name: textIn(event, "name", LIMITS.nameCharacters),
    attributes: attributesIn(event),
  };
}

function readLink(link: Fields): OtlpSpan["links"][number] {
  return { traceId: idIn(link, "traceId"), spanId: idIn(link, "spanId"), attributes: attributesIn(link) };
}

function isLink({ traceId, spanId }: OtlpSpan["links"][number]): boolean {
  return TRACE_ID.test(traceId) && SPAN_ID.test(spanId);
}

function problemOf({ traceId, spanId, parentSpanId }: OtlpSpan): string | undefined {
  if (!TRACE_ID.test(traceId)) return "traceId must be 32 hexadecimal digits, not all zero";
  if (!SPAN_ID.test(spanId)) return "spanId must be 16 hexadecimal digits, not all zero";
  if (parentSpanId !== undefined && !SPAN_ID.test(parentSpanId)) return "parentSpanId must be 16 hexadecimal digits";
  return undefined;
}
