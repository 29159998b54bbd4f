/**
 * Reads fields of a decoded request. Both encodings decode to OTLP/JSON's names; integers of 64 bits are numbers, decimal
 * text or Protocol Buffers' pairs of 32 bits. https://protobuf.dev/programming-guides/json/
 */

/** The request is not what OTLP says; the message begins with the path of the field. */
export class DecodeError extends Error {
  override name = "DecodeError";
}

export type Fields = Readonly<Record<string, unknown>>;

interface Pair {
  low: number;
  high: number;
}

/** The fields of a message; none for an absent one. */
export function messageIn(owner: Fields, name: string): Fields {
  return toMessage(owner[name], name);
}

export function toMessage(value: unknown, name: string): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new DecodeError(`${name} must be an object`);
  return value as Fields;
}

/** Reads each message of a list, the first `limit` of them. */
export function messagesIn<T>(
  owner: Fields,
  name: string,
  read: (message: Fields) => T,
  limit = Number.POSITIVE_INFINITY,
): T[] {
  return valuesIn(owner, name, limit).map((value, index) => {
    const path = `${name}[${index}]`;
    const message = toMessage(value, path);
    try {
      return read(message);
    } catch (error) {
      throw error instanceof DecodeError ? new DecodeError(`${path}.${error.message}`) : error;
    }
  });
}

export function valuesIn(owner: Fields, name: string, limit = Number.POSITIVE_INFINITY): readonly unknown[] {
  const values = owner[name] ?? [];
  if (!Array.isArray(values)) throw new DecodeError(`${name} must be a list`);
  return values.length > limit ? values.slice(0, limit) : values;
}

/** Text of at most `limit` characters: more are cut, which an ellipsis shows. */
export function textIn(owner: Fields, name: string, limit: number): string {
  const value = owner[name] ?? "";
  if (typeof value !== "string") throw new DecodeError(`${name} must be text`);
  return cut(value, limit);
}

export function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

export function flagIn(owner: Fields, name: string): boolean {
  const value = owner[name] ?? false;
  if (typeof value !== "boolean") throw new DecodeError(`${name} must be true or false`);
  return value;
}

/** Nanoseconds, or a count. */
export function uint64In(owner: Fields, name: string): bigint {
  const value = toInt64(owner[name] ?? 0, name);
  // Protocol Buffers' pairs have no sign of their own.
  const unsigned = isPair(owner[name]) ? BigInt.asUintN(64, value) : value;
  if (unsigned < 0n || unsigned >= 2n ** 64n) throw new DecodeError(`${name} must be an unsigned integer of 64 bits`);
  return unsigned;
}

export function toInt64(value: unknown, name: string): bigint {
  if (isPair(value)) return BigInt.asIntN(64, (BigInt(value.high) << 32n) | BigInt(value.low >>> 0));
  const isInteger = typeof value === "string" ? /^-?\d{1,20}$/.test(value) : Number.isInteger(value);
  if (!isInteger) throw new DecodeError(`${name} must be an integer`);
  return BigInt(value as string | number);
}

/** A count; beyond 2^53 it is rounded. */
export function countIn(owner: Fields, name: string): number {
  return Number(uint64In(owner, name));
}

export function int32In(owner: Fields, name: string): number {
  const value = Number(toInt64(owner[name] ?? 0, name));
  if (value !== (value | 0)) throw new DecodeError(`${name} must be an integer of 32 bits`);
  return value;
}

/** A double: JSON has no number for three of them. */
export function toDouble(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  if (value === "NaN") return Number.NaN;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) throw new DecodeError(`${name} must be a number`);
  return number;
}

/** `{}` when the field is absent, to spread. */
export function doubleIn<Name extends string>(owner: Fields, name: Name): { [Key in Name]?: number } {
  const value = owner[name];
  if (value === undefined || value === null) return {};
  return { [name]: toDouble(value, name) } as { [Key in Name]?: number };
}

/** Lower case hexadecimal, whatever its length: OTLP/JSON has ids so, unlike other bytes. "" for an absent one. */
export function idIn(owner: Fields, name: string): string {
  const value = owner[name] ?? "";
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
  if (typeof value !== "string") throw new DecodeError(`${name} must be hexadecimal text`);
  return value.toLowerCase();
}

/**
 * The value of an enum by its number or, as other ProtoJSON has it, its name: `prefix` and the value in upper case. What a
 * later version of OTLP may add is the first.
 */
export function enumIn<Values extends readonly string[]>(
  owner: Fields,
  name: string,
  values: Values,
  prefix: string,
): Values[number] {
  const value = owner[name] ?? 0;
  if (typeof value === "number") return values[value] ?? values[0] ?? "";
  if (typeof value !== "string") throw new DecodeError(`${name} must be an integer`);
  return values.find((candidate) => value === prefix + candidate.toUpperCase()) ?? values[0] ?? "";
}

function isPair(value: unknown): value is Pair {
  return typeof value === "object" && value !== null && "low" in value && "high" in value;
}
