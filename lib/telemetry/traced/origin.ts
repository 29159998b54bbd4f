import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  type Link,
  type TextMapGetter,
  type TextMapPropagator,
  trace,
} from "@opentelemetry/api";
import { ATTR } from "#telemetry/attributes.ts";
import { EMPTY_CONTEXT } from "#telemetry/sdk/linked-context.ts";
import type { Edge } from "#telemetry/settings.ts";
import type { XrayTrace } from "#telemetry/xray/trace-header.ts";

/** Where a request comes from, as its server span shows it. */
export interface Origin {
  parent: Context;
  links: Link[];
  attributes: Attributes;
}

/** Who sent a message, as its consumer span shows it. */
export type Sender = Pick<Origin, "links" | "attributes">;

const fromHeaders: TextMapGetter<Headers> = {
  keys: (headers) => [...headers.keys()],
  get: (headers, key) => headers.get(key) ?? undefined,
};

/**
 * Behind an internal edge the caller's span is the parent, and its baggage goes on. At a public edge a caller decides
 * nothing: neither the trace id nor whether the trace is sampled; its span is linked by its ids alone.
 *
 * X-Ray's span is linked at either, never the parent: Lambda passes an unsampled one by default, and as a parent that
 * would switch the trace off.
 */
export function originOf(
  headers: Headers,
  xray: XrayTrace | undefined,
  edge: Edge,
  propagator: TextMapPropagator,
): Origin {
  const caller = propagator.extract(EMPTY_CONTEXT, headers, fromHeaders);
  return {
    parent: edge === "public" ? EMPTY_CONTEXT : withoutState(caller),
    links: [...(edge === "public" ? linkTo(caller) : []), ...linkToXray(xray)],
    attributes: xrayAttributes(xray),
  };
}

/** A message's sender is linked by its ids alone, at either edge. */
export function senderOf(
  traceparent: string | undefined,
  xray: XrayTrace | undefined,
  propagator: TextMapPropagator,
): Sender {
  const sender = propagator.extract(EMPTY_CONTEXT, { traceparent }, defaultTextMapGetter);
  return { links: [...linkTo(sender), ...linkToXray(xray)], attributes: xrayAttributes(xray) };
}

/** The caller that a message inside a request names, linked by its ids alone; nothing when it is that of the request. */
export function callerOf(traceparent: string, request: Headers, propagator: TextMapPropagator): Link[] {
  const caller = propagator.extract(EMPTY_CONTEXT, { traceparent }, defaultTextMapGetter);
  const known = trace.getSpanContext(propagator.extract(EMPTY_CONTEXT, request, fromHeaders));
  return linkTo(caller).filter(({ context }) => context.spanId !== known?.spanId);
}

function linkToXray(xray: XrayTrace | undefined): Link[] {
  return xray?.spanContext ? [{ context: xray.spanContext }] : [];
}

function xrayAttributes(xray: XrayTrace | undefined): Attributes {
  return xray ? { [ATTR.awsXrayTraceId]: xray.root } : {};
}

function linkTo(caller: Context): Link[] {
  const context = trace.getSpanContext(withoutState(caller));
  return context ? [{ context }] : [];
}

/** The `tracestate` is whatever the caller wrote, and would be exported with every span. */
function withoutState(caller: Context): Context {
  const span = trace.getSpanContext(caller);
  if (!span) return caller;
  const { traceId, spanId, traceFlags } = span;
  return trace.setSpanContext(caller, { traceId, spanId, traceFlags, isRemote: true });
}
