import type { HrTime } from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import { documentNames, type SpanDocuments } from "#telemetry/record/span-documents.ts";
import { isDouble } from "./double-attributes.ts";
import { type JsonWriter, jsonBytes } from "./json-writer.ts";

/** JSON of an attribute up to its value, by the type of that. */
interface Key {
  string: Uint8Array;
  integer: Uint8Array;
  double: Uint8Array;
  other: Uint8Array;
}

/** Nearly all names are constants. Of a program that makes up more, the rest are encoded each time. */
const MAX_KEYS = 1_000;
const KEYS = new Map<string, Key>();

const CONSTANTS = new WeakMap<object, Uint8Array>();

const NONE: readonly SpanDocuments[] = [];

const OPEN = jsonBytes("[");
const COMMA = jsonBytes(",");
const CLOSE = jsonBytes("]");
const END_OF_ATTRIBUTE = jsonBytes("}}");

export function writeArray<Item>(
  out: JsonWriter,
  items: readonly Item[],
  write: (out: JsonWriter, item: Item) => void,
): void {
  out.json(OPEN);
  for (let index = 0; index < items.length; index++) {
    if (index > 0) out.json(COMMA);
    write(out, items[index] as Item);
  }
  out.json(CLOSE);
}

/** Writes the JSON of an object that never changes: `jsonOf` is called once. */
export function writeConstant<Constant extends object>(
  out: JsonWriter,
  constant: Constant,
  jsonOf: (constant: Constant) => string,
): void {
  let json = CONSTANTS.get(constant);
  if (!json) {
    json = jsonBytes(jsonOf(constant));
    CONSTANTS.set(constant, json);
  }
  out.json(json);
}

/** `Resource` of OTLP. */
export function resourceJson({ attributes, schemaUrl }: Resource): string {
  const list = Object.entries(attributes).map(([key, value]) => ({ key, value: anyValueOf(value) }));
  return JSON.stringify({ attributes: list, droppedAttributesCount: 0, schemaUrl });
}

/** `InstrumentationScope` of OTLP. */
export function scopeJson({ name, version }: InstrumentationScope): string {
  return JSON.stringify({ name, version });
}

/** Writes a list of `KeyValue`. @param documents to be written as attributes, too */
export function writeAttributes(
  out: JsonWriter,
  attributes: Readonly<Record<string, unknown>>,
  documents: readonly SpanDocuments[] = NONE,
): void {
  out.json(OPEN);
  let isFirst = true;
  for (const name in attributes) {
    if (!isFirst) out.json(COMMA);
    isFirst = false;
    writeAttribute(out, name, attributes[name]);
  }
  for (const { list, ids, scores } of documents) {
    for (let index = 0; index < ids.length; index++) {
      const { id, score } = documentNames(list, index);
      if (!isFirst) out.json(COMMA);
      isFirst = false;
      writeAttribute(out, id, ids[index]);
      out.json(COMMA);
      writeAttribute(out, score, scores[index]);
    }
  }
  out.json(CLOSE);
}

function writeAttribute(out: JsonWriter, name: string, value: unknown): void {
  const key = KEYS.get(name) ?? keyOf(name);
  if (typeof value === "string") {
    out.json(key.string);
    out.string(value);
  } else if (typeof value === "number") {
    out.json(Number.isInteger(value) ? key.integer : key.double);
    out.number(value);
  } else {
    out.json(key.other);
    out.json(jsonBytes(JSON.stringify(anyValueOf(value)).slice(1, -1)));
  }
  out.json(END_OF_ATTRIBUTE);
}

function keyOf(name: string): Key {
  const upTo = (type: string) => jsonBytes(`{"key":${JSON.stringify(name)},"value":{${type}`);
  const double = upTo('"doubleValue":');
  const integer = isDouble(name) ? double : upTo('"intValue":');
  const key = { string: upTo('"stringValue":'), integer, double, other: upTo("") };
  if (KEYS.size < MAX_KEYS) KEYS.set(name, key);
  return key;
}

/** `AnyValue` of OTLP. */
function anyValueOf(value: unknown): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Array.isArray(value) ? { arrayValue: { values: value.map(anyValueOf) } } : {};
}

/** Writes nanoseconds since 1970, which are more digits than a double has. */
export function writeTime(out: JsonWriter, [seconds, nanos]: HrTime): void {
  const whole = Math.trunc(nanos);
  out.string(`${seconds + Math.floor(whole / 1e9)}${String(1e9 + (whole % 1e9)).slice(1)}`);
}
