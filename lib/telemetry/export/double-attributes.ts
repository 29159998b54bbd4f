import type { Attributes } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

/**
 * Attributes that are doubles, whatever their value. The SDK sends a number without a fraction as an integer, so that a
 * score of 1 would have another type than one of 0.9, and a back end that fixes the type of a column rejects one of them.
 */
const NAMES = [
  "score\\.(?:max|min)",
  "(?:retrieval|reranker)\\.[a-z_]+\\.\\d+\\.document\\.score",
  "gen_ai\\.response\\.time_to_first_chunk",
].join("|");

const NAME = new RegExp(`^(?:${NAMES})$`);
/** Key (field 1) and length of the value (field 2) of a `KeyValue`, up to the bytes of a `double_value`. */
const IN_PROTOBUF = new RegExp(`\\n[^](?:${NAMES})\\x12\\t!`, "g");

/** Whether the SDK would send one of these attributes of the span as an integer. */
export function hasIntegersToCorrect({ attributes }: ReadableSpan): boolean {
  return integersIn(attributes).length > 0;
}

/**
 * Serializes spans as Protobuf with those attributes as doubles. The serializer sees the next greater double, which has
 * a fraction; in its result the lowest bit is cleared again.
 */
export function withDoublesInProtobuf(
  spans: ReadableSpan[],
  serialize: (spans: ReadableSpan[]) => Uint8Array | undefined,
): Uint8Array | undefined {
  let changed = false;
  const fractional = spans.map((span) => {
    const names = integersIn(span.attributes);
    if (names.length === 0) return span;
    changed = true;
    const nexts = names.map((name) => [name, lowestBit(span.attributes[name] as number, 1)]);
    return Object.create(span, { attributes: { value: { ...span.attributes, ...Object.fromEntries(nexts) } } });
  });
  const request = serialize(fractional);
  if (!request || !changed) return request;
  const bytes = Buffer.from(request);
  for (const { 0: match, index } of bytes.toString("latin1").matchAll(IN_PROTOBUF)) {
    const position = index + match.length;
    if (position + 8 > bytes.length) continue;
    const value = lowestBit(bytes.readDoubleLE(position), 0);
    if (Number.isInteger(value)) bytes.writeDoubleLE(value, position);
  }
  return bytes;
}

/** Whether an attribute is a double, whatever its value. */
export function isDouble(name: string): boolean {
  return NAME.test(name);
}

function integersIn(attributes: Attributes): string[] {
  return Object.keys(attributes).filter((name) => Number.isInteger(attributes[name]) && NAME.test(name));
}

function lowestBit(value: number, bit: 0 | 1): number {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  bytes[0] = ((bytes[0] ?? 0) & ~1) | bit;
  return bytes.readDoubleLE();
}
