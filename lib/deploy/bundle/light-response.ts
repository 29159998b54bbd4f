import { Body, type BodySource, extract } from "./light-body.ts";
import { Headers } from "./light-headers.ts";
import { hasInstance } from "./light-instance.ts";

const REASON = /^[\t\x20-\x7e\x80-\xff]*$/;
const WITHOUT_BODY = [204, 205, 304];

interface Init {
  status?: number;
  statusText?: string;
  headers?: ConstructorParameters<typeof Headers>[0];
}

/** `Response` of the Fetch standard: https://fetch.spec.whatwg.org/#response-class */
export class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly type = "default";
  readonly url = "";
  readonly redirected = false;

  constructor(source: BodySource = null, init: Init | null = {}) {
    const { content, type } = extract(source);
    super(content);
    const { status = 200, statusText = "", headers } = init ?? {};
    // An unsigned short, as Web IDL converts to it.
    this.status = status & 0xffff;
    if (this.status < 200 || this.status > 599) throw new RangeError(`Response: ${status} is not from 200 to 599`);
    this.statusText = `${statusText}`;
    if (!REASON.test(this.statusText)) throw new TypeError("Response: statusText has characters that it may not have");
    this.headers = new Headers(headers);
    if (content && WITHOUT_BODY.includes(this.status))
      throw new TypeError(`Response: ${this.status} goes without a body`);
    if (type !== undefined && !this.headers.has("content-type")) this.headers.set("content-type", type);
  }

  get ok(): boolean {
    return this.status <= 299;
  }

  clone(): Response {
    return new Response(this.content?.clone() ?? null, this);
  }

  static error(): globalThis.Response {
    return globalThis.Response.error();
  }

  static json(data: unknown, init?: Init | null): Response {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError("Response.json: the value is not JSON");
    const headers = new Headers(init?.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(text, { ...init, headers });
  }

  static redirect(...args: Parameters<typeof globalThis.Response.redirect>): globalThis.Response {
    return globalThis.Response.redirect(...args);
  }

  static override readonly [Symbol.hasInstance] = hasInstance("Response");
}
