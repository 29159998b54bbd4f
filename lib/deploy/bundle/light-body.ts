import { bytesOf, Content } from "./light-content.ts";
import type { Headers } from "./light-headers.ts";

/** What a body can be made of; anything else is left to Node's own classes. */
export type BodySource =
  | string
  | Uint8Array
  | ArrayBuffer
  | ArrayBufferView
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | Content
  | Blob
  | globalThis.FormData
  | AsyncIterable<Uint8Array>
  | null;

const decoder = new TextDecoder();

/** `Body` of the Fetch standard, which requests and responses have: https://fetch.spec.whatwg.org/#body-mixin */
export abstract class Body {
  abstract readonly headers: Headers;
  /** Absent where there is no body, which can be read again and again. */
  readonly #content: Content | undefined;

  constructor(content: Content | undefined) {
    this.#content = content;
  }

  /** For another request or response. */
  protected get content(): Content | undefined {
    return this.#content;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#content?.stream ?? null;
  }

  get bodyUsed(): boolean {
    return this.#content?.used ?? false;
  }

  async text(): Promise<string> {
    return textOf((await this.#content?.take()) ?? "");
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return bytesOf((await this.#content?.take()) ?? "");
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async blob(): Promise<Blob> {
    return (await this.#toNode()).blob();
  }

  async formData(): Promise<globalThis.FormData> {
    return (await this.#toNode()).formData();
  }

  /** Node's response of the same body, which is read. */
  async #toNode(): Promise<globalThis.Response> {
    const body = await this.bytes();
    return new globalThis.Response(body, { headers: [...this.headers] });
  }
}

interface Extracted {
  content?: Content;
  /** Its default content-type. */
  type?: string;
  /** It was given as a stream, which a request can send only with `duplex`. */
  streams?: true;
}

/**
 * The content of a body. Bytes are not copied.
 *
 * @throws TypeError for a stream that has been read or is locked
 */
export function extract(source: BodySource): Extracted {
  if (source === null || source === undefined) return {};
  if (typeof source === "string") return { content: new Content(source), type: "text/plain;charset=UTF-8" };
  if (source instanceof Content) return { content: source };
  if (source instanceof URLSearchParams)
    return { content: new Content(source.toString()), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  if (source instanceof ArrayBuffer) return { content: new Content(new Uint8Array(source)) };
  if (ArrayBuffer.isView(source))
    return { content: new Content(new Uint8Array(source.buffer, source.byteOffset, source.byteLength)) };
  if (!(source instanceof ReadableStream)) return extractByNode(source);
  const content = new Content(source);
  content.assertUsable();
  return { content, streams: true };
}

/** A blob, a form or whatever else Node takes, as a stream. */
function extractByNode(source: Blob | globalThis.FormData | AsyncIterable<Uint8Array>): Extracted {
  const { body, headers } = new globalThis.Response(source);
  const type = headers.get("content-type");
  return {
    ...(body && { content: new Content(body) }),
    ...(type !== null && { type }),
    ...(typeof source === "object" && Symbol.asyncIterator in source && { streams: true }),
  };
}

/** Text as it is after a round trip through bytes, without the byte order mark. */
function textOf(data: string | Uint8Array): string {
  if (typeof data !== "string") return decoder.decode(data);
  const text = data.toWellFormed();
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
