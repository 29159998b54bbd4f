import type { SpanContext } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace-base";
import { deferredDocuments } from "#telemetry/record/span-documents.ts";
import { resourceJson, scopeJson, writeArray, writeAttributes, writeConstant, writeTime } from "./json-attributes.ts";
import { JsonWriter, jsonBytes } from "./json-writer.ts";

type Link = ReadableSpan["links"][number];
type SpansByScope = Map<InstrumentationScope, ReadableSpan[]>;

/** Flags of OTLP: it is known whether the parent is in another process, and it is. */
const IS_REMOTE_KNOWN = 0x100;
const IS_REMOTE = 0x200;

/** One for all requests: none is written while another is. */
const WRITER = new JsonWriter();

const START = jsonBytes('{"resourceSpans":');
const RESOURCE = jsonBytes('{"resource":');
const SCOPE_SPANS = jsonBytes(',"scopeSpans":');
const SCOPE = jsonBytes('{"scope":');
const SPANS = jsonBytes(',"spans":');
const SCHEMA_URL = jsonBytes(',"schemaUrl":');
const SPAN_TRACE_ID = jsonBytes('{"traceId":');
const TRACE_ID = jsonBytes(',"traceId":');
const SPAN_ID = jsonBytes(',"spanId":');
const PARENT_ID = jsonBytes(',"parentSpanId":');
const TRACE_STATE = jsonBytes(',"traceState":');
const NAME = jsonBytes(',"name":');
const KIND = jsonBytes(',"kind":');
const START_TIME = jsonBytes(',"startTimeUnixNano":');
const END_TIME = jsonBytes(',"endTimeUnixNano":');
const TIME = jsonBytes(',"timeUnixNano":');
const ATTRIBUTES = jsonBytes(',"attributes":');
const FIRST_ATTRIBUTES = jsonBytes('{"attributes":');
const DROPPED_ATTRIBUTES = jsonBytes(',"droppedAttributesCount":');
const EVENTS = jsonBytes(',"events":');
const DROPPED_EVENTS = jsonBytes(',"droppedEventsCount":');
const STATUS_CODE = jsonBytes(',"status":{"code":');
const MESSAGE = jsonBytes(',"message":');
const LINKS = jsonBytes('},"links":');
const DROPPED_LINKS = jsonBytes(',"droppedLinksCount":');
const FLAGS = jsonBytes(',"flags":');
const END = jsonBytes("}");

/**
 * A request with spans as OTLP/JSON, byte for byte what OpenTelemetry's serializer makes, except for attributes that are
 * always doubles. That one makes two objects of each attribute, then a string, then bytes.
 */
export function spansRequest(spans: readonly ReadableSpan[]): Uint8Array {
  WRITER.clear();
  WRITER.json(START);
  writeArray(WRITER, [...byResource(spans)], writeResourceSpans);
  WRITER.json(END);
  return WRITER.copy();
}

function byResource(spans: readonly ReadableSpan[]): Map<Resource, SpansByScope> {
  const resources = new Map<Resource, SpansByScope>();
  for (const span of spans) {
    const { resource, instrumentationScope } = span;
    const scopes: SpansByScope = resources.get(resource) ?? new Map();
    resources.set(resource, scopes);
    const list = scopes.get(instrumentationScope);
    if (list) list.push(span);
    else scopes.set(instrumentationScope, [span]);
  }
  return resources;
}

function writeResourceSpans(out: JsonWriter, [resource, scopes]: [Resource, SpansByScope]): void {
  out.json(RESOURCE);
  writeConstant(out, resource, resourceJson);
  out.json(SCOPE_SPANS);
  writeArray(out, [...scopes], writeScopeSpans);
  writeSchemaUrl(out, resource.schemaUrl);
  out.json(END);
}

function writeScopeSpans(out: JsonWriter, [scope, spans]: [InstrumentationScope, readonly ReadableSpan[]]): void {
  out.json(SCOPE);
  writeConstant(out, scope, scopeJson);
  out.json(SPANS);
  writeArray(out, spans, writeSpan);
  writeSchemaUrl(out, scope.schemaUrl);
  out.json(END);
}

function writeSchemaUrl(out: JsonWriter, url: string | undefined): void {
  if (url === undefined) return;
  out.json(SCHEMA_URL);
  out.string(url);
}

function writeSpan(out: JsonWriter, span: ReadableSpan): void {
  const { traceId, spanId, traceState, traceFlags } = span.spanContext();
  const { parentSpanContext: parent, status } = span;
  out.json(SPAN_TRACE_ID);
  out.string(traceId);
  out.json(SPAN_ID);
  out.string(spanId);
  if (parent?.spanId) {
    out.json(PARENT_ID);
    out.string(parent.spanId);
  }
  writeState(out, traceState);
  out.json(NAME);
  out.string(span.name);
  out.json(KIND);
  out.number(span.kind + 1);
  out.json(START_TIME);
  writeTime(out, span.startTime);
  out.json(END_TIME);
  writeTime(out, span.endTime);
  out.json(ATTRIBUTES);
  writeAttributes(out, span.attributes, deferredDocuments(span));
  out.json(DROPPED_ATTRIBUTES);
  out.number(span.droppedAttributesCount);
  out.json(EVENTS);
  writeArray(out, span.events, writeEvent);
  out.json(DROPPED_EVENTS);
  out.number(span.droppedEventsCount);
  out.json(STATUS_CODE);
  out.number(status.code);
  if (status.message !== undefined) {
    out.json(MESSAGE);
    out.string(status.message);
  }
  out.json(LINKS);
  writeArray(out, span.links, writeLink);
  out.json(DROPPED_LINKS);
  out.number(span.droppedLinksCount);
  writeFlags(out, traceFlags, parent);
}

function writeEvent(out: JsonWriter, { name, time, attributes = {}, droppedAttributesCount = 0 }: TimedEvent): void {
  out.json(FIRST_ATTRIBUTES);
  writeAttributes(out, attributes);
  out.json(NAME);
  out.string(name);
  out.json(TIME);
  writeTime(out, time);
  out.json(DROPPED_ATTRIBUTES);
  out.number(droppedAttributesCount);
  out.json(END);
}

function writeLink(out: JsonWriter, { context, attributes = {}, droppedAttributesCount = 0 }: Link): void {
  out.json(FIRST_ATTRIBUTES);
  writeAttributes(out, attributes);
  out.json(SPAN_ID);
  out.string(context.spanId);
  out.json(TRACE_ID);
  out.string(context.traceId);
  writeState(out, context.traceState);
  out.json(DROPPED_ATTRIBUTES);
  out.number(droppedAttributesCount);
  writeFlags(out, context.traceFlags, context);
}

function writeState(out: JsonWriter, state: SpanContext["traceState"]): void {
  if (!state) return;
  out.json(TRACE_STATE);
  out.string(state.serialize());
}

/** The last field of a span and of a link. */
function writeFlags(out: JsonWriter, traceFlags: number, from: SpanContext | undefined): void {
  out.json(FLAGS);
  out.number((traceFlags & 0xff) | IS_REMOTE_KNOWN | (from?.isRemote ? IS_REMOTE : 0));
  out.json(END);
}
