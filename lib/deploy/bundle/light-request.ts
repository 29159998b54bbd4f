import { Body, type BodySource, extract } from "./light-body.ts";
import { Headers } from "./light-headers.ts";
import { hasInstance } from "./light-instance.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const FORBIDDEN = ["CONNECT", "TRACE", "TRACK"];
const NORMALIZED = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
const WITHOUT_BODY = ["GET", "HEAD"];
/** Members and options that only steer `fetch`, which no bundled function calls: left to Node's own `Request`. */
const OPTIONS = [
  ...(["cache", "credentials", "integrity", "keepalive"] as const),
  ...(["mode", "redirect", "referrer", "referrerPolicy"] as const),
];
const LEFT_TO_NODE = [...OPTIONS, "destination", "isHistoryNavigation", "isReloadNavigation"];

interface Init {
  method?: string;
  headers?: ConstructorParameters<typeof Headers>[0];
  body?: BodySource;
  /** Must be given with a stream. */
  duplex?: "half";
  signal?: AbortSignal | null;
}

type NodeInit = Pick<RequestInit, (typeof OPTIONS)[number]> & { window?: null };

/** `Request` of the Fetch standard: https://fetch.spec.whatwg.org/#request-class */
export class Request extends Body {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly duplex = "half";
  /** The signals that this request's own follows. */
  readonly #sources: readonly AbortSignal[];
  #signal: AbortSignal | undefined;
  /** Node's request with the same options and without a body; made on demand. */
  #node: globalThis.Request | undefined;

  constructor(input: string | URL | Request, init: (Init & NodeInit) | null = {}) {
    const from = Request.isLight(input) ? input : undefined;
    const { method = from?.method ?? "GET", headers = from?.headers, body, duplex, signal = from?.signal } = init ?? {};
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
    const options = optionsOf(init ?? {});
    const node = from === undefined ? undefined : from.#node;
    if (node || Object.keys(options).length > 0) this.#node = new globalThis.Request(node ?? url, options);
  }

  get signal(): AbortSignal {
    this.#signal ??= AbortSignal.any([...this.#sources]);
    return this.#signal;
  }

  clone(): Request {
    const clone = new Request(this, this.content && { body: this.content.clone() });
    clone.#node = this.#node;
    return clone;
  }

  /** Node's request of the same, which takes the body over. */
  toNode(): globalThis.Request {
    const body = this.content?.move().stream;
    const { method, headers, signal } = this;
    const options = { method, headers: [...headers], signal, ...(body && { body, duplex: "half" as const }) };
    return new globalThis.Request(this.#node ?? this.url, options);
  }

  static isLight(value: unknown): value is Request {
    return typeof value === "object" && value !== null && #sources in value;
  }

  static override readonly [Symbol.hasInstance] = hasInstance("Request");

  static {
    for (const name of LEFT_TO_NODE) {
      Object.defineProperty(Request.prototype, name, {
        configurable: true,
        enumerable: true,
        get(this: Request): unknown {
          this.#node ??= new globalThis.Request(this.url);
          return Reflect.get(this.#node, name);
        },
      });
    }
  }
}

function optionsOf(init: NodeInit): NodeInit {
  const names = [...OPTIONS, "window"] as const;
  return Object.fromEntries(names.flatMap((name) => (init[name] === undefined ? [] : [[name, init[name]]])));
}

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
