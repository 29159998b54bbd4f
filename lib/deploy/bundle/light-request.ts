import { absent, Body, type BodySource, extract, omitMembers } from "./light-body.ts";
import { Headers } from "./light-headers.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const FORBIDDEN = ["CONNECT", "TRACE", "TRACK"];
const NORMALIZED = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
const WITHOUT_BODY = ["GET", "HEAD"];
/** What steers Node's own `fetch`, which no bundled function calls. */
const OPTIONS = ["cache", "credentials", "integrity", "keepalive", "mode", "redirect", "referrer", "referrerPolicy"];

interface Init {
  method?: string;
  headers?: ConstructorParameters<typeof Headers>[0];
  body?: BodySource;
  /** Must be given with a stream. */
  duplex?: "half";
  signal?: AbortSignal | null;
}

/** `Request` of the Fetch standard, without what only `fetch` heeds: https://fetch.spec.whatwg.org/#request-class */
export class Request extends Body {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly duplex = "half";
  /** The signals that this request's follows, and that one once it is asked for. */
  readonly #sources: readonly AbortSignal[];
  #signal: AbortSignal | undefined;

  constructor(input: string | URL | Request, init: Init | null = {}) {
    const from = input instanceof Request ? input : undefined;
    const { method = from?.method ?? "GET", headers = from?.headers, body, duplex, signal = from?.signal } = init ?? {};
    for (const name of OPTIONS)
      if (init?.[name as keyof Init] !== undefined) throw new Error(absent(`The option ${name} of a Request`));
    const url = from?.url ?? urlOf(`${input}`);
    const named = methodOf(`${method}`);
    const hasBody = (body ?? from?.content ?? null) !== null;
    if (hasBody && WITHOUT_BODY.includes(named)) throw new TypeError(`Request: ${named} goes without a body`);

    const { content, type, streams } = extract(body ?? from?.content?.move() ?? null);
    super(content);
    if (streams && duplex !== "half") throw new TypeError("Request: a stream needs duplex: half");
    this.url = url;
    this.method = named;
    this.headers = new Headers(headers);
    if (type !== undefined && !this.headers.has("content-type")) this.headers.set("content-type", type);
    if (signal && !(signal instanceof AbortSignal)) throw new TypeError("Request: the signal is no AbortSignal");
    this.#sources = signal ? [signal] : [];
  }

  get signal(): AbortSignal {
    this.#signal ??= AbortSignal.any([...this.#sources]);
    return this.#signal;
  }
}

omitMembers(Request.prototype, "Request", [
  ...OPTIONS,
  ...["blob", "clone", "formData", "destination", "isHistoryNavigation", "isReloadNavigation"],
]);

function urlOf(input: string): string {
  const { href, username, password } = new URL(input);
  if (username || password) throw new TypeError("Request: the address has credentials");
  return href;
}

function methodOf(method: string): string {
  const upper = method.toUpperCase();
  if (!TOKEN.test(method) || FORBIDDEN.includes(upper)) throw new TypeError(`Request: ${method} is not a method`);
  return NORMALIZED.includes(upper) ? upper : method;
}
