const USED = "Body is unusable: it has been read or is locked";

/**
 * The content of a body, which can be read once: text, bytes or a stream. Text and bytes become a stream only when one is
 * requested. Bytes are not copied, so the caller must not change them; those that are returned are copies.
 */
export class Content {
  /** Absent where there is a stream. */
  #data: string | Uint8Array | undefined;
  #stream: ReadableStream<Uint8Array> | undefined;
  #used = false;

  constructor(source: string | Uint8Array | ReadableStream<Uint8Array>) {
    if (typeof source === "string" || source instanceof Uint8Array) this.#data = source;
    else this.#stream = source;
  }

  get used(): boolean {
    return this.#used || (this.#stream !== undefined && isDisturbed(this.#stream));
  }

  /** @throws TypeError when it cannot be read */
  assertUsable(): void {
    if (this.used || this.#stream?.locked) throw new TypeError(USED);
  }

  /**
   * Reads all of it, once.
   *
   * @throws TypeError when it has been read, is locked or has chunks that are not bytes; and the stream's own error
   */
  async take(): Promise<string | Uint8Array> {
    return this.#takeData() ?? readAll(this.stream);
  }

  /** Locked when the content has been read, as the stream it was read from would be. */
  get stream(): ReadableStream<Uint8Array> {
    if (this.#stream) return this.#stream;
    this.#stream = streamOf(this.#data ?? "");
    this.#data = undefined;
    if (this.#used) this.#stream.getReader();
    return this.#stream;
  }

  /**
   * Moves the content to a new object; this one counts as read.
   *
   * @throws TypeError when it cannot be read
   */
  move(): Content {
    return new Content(this.#takeData() ?? this.stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>()));
  }

  /**
   * The same content, which can be read independently of this one.
   *
   * @throws TypeError when it cannot be read
   */
  clone(): Content {
    this.assertUsable();
    if (!this.#stream) return new Content(this.#data ?? "");
    const [own, other] = this.#stream.tee();
    this.#stream = own;
    return new Content(other);
  }

  #takeData(): string | Uint8Array | undefined {
    this.assertUsable();
    this.#used = this.#data !== undefined;
    return this.#data;
  }
}

/** A copy. */
export function bytesOf(data: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
}

function isDisturbed(stream: ReadableStream): boolean {
  // Not imported: streams are rare.
  const { Readable } = process.getBuiltinModule("node:stream");
  return Readable.isDisturbed(stream as unknown as NodeJS.ReadableStream);
}

function streamOf(data: string | Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (data.length > 0) controller.enqueue(bytesOf(data));
      controller.close();
    },
  });
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  // It keeps its lock: what has been read stays unusable.
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts);
    if (!(value instanceof Uint8Array)) throw new TypeError("A body's stream has a chunk that is not a Uint8Array");
    parts.push(value);
  }
}
