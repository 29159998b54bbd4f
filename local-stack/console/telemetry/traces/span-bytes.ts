import type { Attributes, AttributeValue } from "#console/contract.ts";
import type { OtlpSpan } from "#console/receiver/payload.ts";

/** Of the objects around the text, as measured with Node.js 24: about 970 bytes for a span with 15 attributes. */
const SPAN_BYTES = 500;
const OWNER_BYTES = 100;
const VALUE_BYTES = 32;

/** About how much memory a span takes, without its resource, which others share. */
export function bytesOf({ name, attributes, events, links, status, scope }: OtlpSpan): number {
  const texts = [name, status.message, scope.name, ...events.map((event) => event.name)];
  const owners = [{ attributes }, scope, ...events, ...links];
  return (
    SPAN_BYTES +
    texts.reduce((sum, text) => sum + textBytes(text), 0) +
    owners.reduce((sum, owner) => sum + OWNER_BYTES + attributeBytes(owner.attributes), 0)
  );
}

export function attributeBytes(attributes: Attributes): number {
  return Object.entries(attributes).reduce((sum, [key, value]) => sum + textBytes(key) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if (typeof value === "string") return VALUE_BYTES + textBytes(value);
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + valueBytes(item), VALUE_BYTES);
  return VALUE_BYTES + (typeof value === "object" ? attributeBytes(value) : 0);
}

/** V8 has a byte for each character, or two where one of them needs it. */
function textBytes(text: string): number {
  return /[^\0-\xff]/.test(text) ? text.length * 2 : text.length;
}
