import type { Attributes, AttributeValue } from "#console/contract.ts";
import {
  cut,
  DecodeError,
  type Fields,
  flagIn,
  messageIn,
  messagesIn,
  textIn,
  toDouble,
  toInt64,
  toMessage,
  valuesIn,
} from "./fields.ts";
import { LIMITS } from "./limits.ts";

/** The attributes of a span, an event, a link, a point, a scope or a resource. Of two with the same key, the last. */
export function attributesIn(owner: Fields, name = "attributes", depth = 0): Attributes {
  return Object.fromEntries(
    messagesIn(
      owner,
      name,
      (attribute): [string, AttributeValue] => [
        textIn(attribute, "key", LIMITS.keyCharacters),
        valueIn(messageIn(attribute, "value"), depth),
      ],
      LIMITS.attributes,
    ),
  );
}

/** An AnyValue; "" for one without a value. */
function valueIn(value: Fields, depth: number): AttributeValue {
  if (depth > LIMITS.depth) throw new DecodeError(`value is nested more than ${LIMITS.depth} lists deep`);
  if (isSet(value.stringValue)) return textIn(value, "stringValue", LIMITS.valueCharacters);
  if (isSet(value.boolValue)) return flagIn(value, "boolValue");
  if (isSet(value.intValue)) return integer(toInt64(value.intValue, "intValue"));
  if (isSet(value.doubleValue)) return double(toDouble(value.doubleValue, "doubleValue"));
  if (isSet(value.bytesValue)) return base64(value.bytesValue);
  if (isSet(value.kvlistValue)) return attributesIn(messageIn(value, "kvlistValue"), "values", depth + 1);
  if (!isSet(value.arrayValue)) return "";
  return valuesIn(messageIn(value, "arrayValue"), "values", LIMITS.attributes).map((item) =>
    valueIn(toMessage(item, "values"), depth + 1),
  );
}

/** Decimal text where a number would be rounded. */
function integer(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** The three that JSON has no number for are text. */
function double(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function base64(value: unknown): string {
  if (value instanceof Uint8Array) {
    return cut(
      Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"),
      LIMITS.valueCharacters,
    );
  }
  return textIn({ bytesValue: value }, "bytesValue", LIMITS.valueCharacters);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
