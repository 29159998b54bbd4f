/** An HTTP/1.1 response (RFC 9112). */
export interface Http1Response {
  status: number;
  /** Decoded as UTF-8; "" while it is incomplete. */
  body: string;
  /** The body as it came. */
  bytes: Uint8Array;
  complete: boolean;
  /** Whether the connection may be used again once the response is complete. */
  keepAlive: boolean;
  /** The value of a header, if it is there. @param name in lower case */
  header(name: string): string | undefined;
}

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: [^\r\n]*)?\r\n/;
const LENGTH = lineOf("content-length");
const ENCODING = lineOf("transfer-encoding");
const CONNECTION = lineOf("connection");

/**
 * Reads what has come so far.
 *
 * @param text bytes as Latin-1
 * @param ended whether the server has closed the connection: which ends a response without a length
 * @returns undefined until all headers are there
 * @throws Error when it is not HTTP/1.x
 */
export function parseResponse(text: string, ended = false): Http1Response | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  // With the line break after the last header, so that every line ends with one.
  const head = text.slice(0, end + 2);
  const [, minor, digits] = STATUS_LINE.exec(head) ?? [];
  const status = Number(digits);
  if (!(status >= 100)) throw new Error("not an HTTP response");
  const rest = text.slice(end + 4);
  // An interim response; the one that counts follows.
  if (status < 200) return parseResponse(rest, ended);
  const { body, length } = bodyOf(rest, head, status, ended);
  const bytes = Buffer.from(body ?? "", "latin1");
  return {
    status,
    body: bytes.toString(),
    bytes,
    complete: body !== undefined,
    keepAlive: minor === "1" && length === rest.length && !/close/i.test(valueIn(CONNECTION, head) ?? ""),
    header: (name) => valueIn(lineOf(name), head),
  };
}

/** @returns the body once it is complete, and its length with its framing, where that is known */
function bodyOf(rest: string, head: string, status: number, ended: boolean): { body?: string; length?: number } {
  if (status === 204 || status === 304) return { body: "", length: 0 };
  const encoding = valueIn(ENCODING, head);
  if (encoding !== undefined && /(?:^|,)[ \t]*chunked$/i.test(encoding)) return dechunked(rest);
  const digits = encoding === undefined ? valueIn(LENGTH, head) : undefined;
  if (digits === undefined) return ended ? { body: rest } : {};
  if (!/^\d+$/.test(digits)) throw new Error("invalid content-length");
  const length = Number(digits);
  return rest.length < length ? { length } : { body: rest.slice(0, length), length };
}

function dechunked(text: string): { body?: string; length?: number } {
  let body = "";
  for (let at = 0; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return {};
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (!(size >= 0)) throw new Error("invalid chunk size");
    const start = lineEnd + 2;
    if (size === 0) {
      // After the last chunk come trailers, up to an empty line.
      const last = text.startsWith("\r\n", start) ? start : text.indexOf("\r\n\r\n", start) + 2;
      return last < start ? {} : { body, length: last + 2 };
    }
    if (text.length < start + size + 2) return {};
    body += text.slice(start, start + size);
    at = start + size + 2;
  }
}

function lineOf(name: string): RegExp {
  return new RegExp(`\r\n${name}:[ \t]*([^\r\n]*)`, "i");
}

function valueIn(line: RegExp, head: string): string | undefined {
  return line.exec(head)?.[1]?.trimEnd();
}
