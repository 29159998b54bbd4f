import { bytesOf, Content } from "./light-content.ts";

/** What is taken as a body; the standard has blobs and forms too. */
export type BodySource =
  | string
  | Uint8Array
  | ArrayBuffer
  | ArrayBufferView
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | Content
  | null;

const decoder = new TextDecoder();

/** `Body` of the Fetch standard, which requests and responses have: https://fetch.spec.whatwg.org/#body-mixin */
export class Body {
  /** Absent where there is no body; that can be read again and again. */
  readonly #content: Content | undefined;

  constructor(content: Content | undefined) {
    this.#content = content;
  }

  /** For another request or response, which takes it as its own. */
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
}

interface Extracted {
  content?: Content;
  /** The content-type that goes with it. */
  type?: string;
  /** It was given as a stream. */
  streams?: true;
}

/**
 * What a body is of. Bytes are not copied.
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
  if (!(source instanceof ReadableStream)) throw new Error(absent("A body other than text, bytes or a stream"));
  const content = new Content(source);
  content.assertUsable();
  return { content, streams: true };
}

/** What a text is once it has been bytes, without the byte order mark. */
function textOf(data: string | Uint8Array): string {
  if (typeof data !== "string") return decoder.decode(data);
  const text = data.toWellFormed();
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** Puts in the place of members that no function uses others that throw. */
export function omitMembers(target: object, owner: string, names: readonly string[]): void {
  for (const name of names)
    Object.defineProperty(target, name, {
      get() {
        throw new Error(absent(`${owner}.${name}`));
      },
    });
}

export function absent(what: string): string {
  return `${what} is not in this bundle: see lib/deploy/bundle/light-fetch.ts`;
}
