import * as http from "node:http";
import * as https from "node:https";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { reasonOf } from "#bulk/special-files.ts";
import { assertPublicHost, publicLookup } from "./public-addresses.ts";

export interface HttpGetOptions {
  headers: Readonly<Record<string, string>>;
  allowPrivate: boolean;
  /** Of the body, unpacked. */
  maxBytes: number;
  /** From connecting to the last byte. */
  timeoutMs: number;
  signal: AbortSignal;
}

export interface HttpResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Unpacked; empty for a redirect. */
  bytes: Uint8Array;
}

/** A response was not received; another attempt may succeed. */
export class ConnectionError extends UnreadableError {}

/** Connections are reused within a run: they were checked when they were made. */
const AGENTS = { "http:": new http.Agent({ keepAlive: true }), "https:": new https.Agent({ keepAlive: true }) };

/**
 * One GET request, without redirects.
 *
 * @throws UnreadableError for a private address, and a body over the limit
 * @throws ConnectionError when there is no complete response in time
 * @throws the signal's reason once it is aborted
 */
export async function httpGet(url: URL, options: HttpGetOptions): Promise<HttpResponse> {
  const { headers, allowPrivate, maxBytes, timeoutMs, signal } = options;
  if (!allowPrivate) assertPublicHost(url);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const request = (url.protocol === "https:" ? https : http).request(url, {
        ...{ agent: AGENTS[url.protocol as keyof typeof AGENTS], signal: AbortSignal.any([signal, limit]) },
        headers: { ...headers, "accept-encoding": "gzip, deflate, br" },
        ...(!allowPrivate && { lookup: publicLookup }),
      });
      request.on("response", resolve).on("error", reject).end();
    });
    const { statusCode: status = 0, headers: received } = response;
    if (status >= 300 && status < 400) {
      response.destroy();
      return { status, headers: received, bytes: new Uint8Array() };
    }
    return { status, headers: received, bytes: await bodyOf(response, maxBytes) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnreadableError) throw error;
    if (limit.aborted) throw new ConnectionError(`no complete response within ${timeoutMs / 1_000} s`);
    throw new ConnectionError(`no response (${reasonOf(error)})`, { cause: error });
  }
}

async function bodyOf(response: http.IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  const collect = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes) return done(tooLarge(maxBytes));
      chunks.push(chunk);
      done();
    },
  });
  const unpack = unpackerOf(response.headers["content-encoding"]);
  // The reading side of `collect` stays empty, but has to end.
  collect.resume();
  await (unpack ? pipeline(response as Readable, unpack, collect) : pipeline(response as Readable, collect));
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): UnreadableError {
  return new UnreadableError(`over ${maxBytes.toLocaleString("en")} bytes, which is the limit for a page`);
}

function unpackerOf(encoding = ""): Transform | undefined {
  switch (encoding.trim().toLowerCase()) {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      throw new UnreadableError(`sent with the content encoding ${encoding}, which was not asked for`);
  }
}
