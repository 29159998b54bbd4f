const ENCODER = new TextEncoder();
const FIRST_SIZE = 16 * 1_024;
/** A buffer that grew beyond it is not used again. */
const KEPT_SIZE = 1_024 * 1_024;
/** Bytes of UTF-8 for a UTF-16 code unit, at most. */
const BYTES_PER_UNIT = 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const TILDE = 0x7e;

/** Writes JSON as bytes: no string of all of it is made on the way, and constants are bytes from the start. */
export class JsonWriter {
  #bytes = new Uint8Array(FIRST_SIZE);
  #length = 0;

  /** Writes what {@link jsonBytes} made. */
  json(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Writes ASCII as it is. */
  ascii(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < length; index++) bytes[at++] = text.charCodeAt(index);
    this.#length = at;
  }

  /** Writes a string in quotes. */
  string(text: string): void {
    const { length } = text;
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit < SPACE || unit > TILDE || unit === QUOTE || unit === BACKSLASH) {
        this.#escaped(text);
        return;
      }
      bytes[at++] = unit;
    }
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  /** Writes a number; `null` when JSON has none for it. */
  number(value: number): void {
    this.ascii(Number.isFinite(value) ? String(value) : "null");
  }

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_SIZE) this.#bytes = new Uint8Array(FIRST_SIZE);
  }

  /** A copy of what was written since {@link clear}. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #escaped(text: string): void {
    const json = JSON.stringify(text);
    this.#reserve(json.length * BYTES_PER_UNIT);
    this.#length += ENCODER.encodeInto(json, this.#bytes.subarray(this.#length)).written;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** JSON as bytes, for what is written again and again. */
export function jsonBytes(json: string): Uint8Array {
  return ENCODER.encode(json);
}
