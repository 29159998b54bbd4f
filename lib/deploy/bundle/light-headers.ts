import { hasInstance } from "./light-instance.ts";

const NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;
const VALUE = /^[^\0\r\n\u0100-\uffff]*$/;
const COOKIE = "set-cookie";

type Init = Readonly<Record<string, string>> | globalThis.Headers | Headers | Iterable<readonly [string, string]>;

/** `Headers` of the Fetch standard, without a guard: https://fetch.spec.whatwg.org/#headers-class */
export class Headers {
  /** By name in lower case, set-cookie included, though iteration lists its values one by one. */
  #values = new Map<string, string>();
  #cookies: string[] = [];
  /** What iteration lists; computed on demand. */
  #sorted: [name: string, value: string][] | undefined;

  constructor(init?: Init) {
    if (init === undefined) return;
    for (const [name, value] of init instanceof Headers ? init : pairsOf(init)) this.append(name, value);
  }

  append(name: string, value: string): void {
    const key = nameOf(name);
    const next = normalize(value);
    const last = this.#values.get(key);
    this.#put(key, last === undefined ? next : `${last}, ${next}`);
    if (key === COOKIE) this.#cookies.push(next);
  }

  set(name: string, value: string): void {
    const key = nameOf(name);
    const next = normalize(value);
    this.#put(key, next);
    if (key === COOKIE) this.#cookies = [next];
  }

  delete(name: string): void {
    const key = nameOf(name);
    this.#values.delete(key);
    this.#sorted = undefined;
    if (key === COOKIE) this.#cookies = [];
  }

  get(name: string): string | null {
    return this.#values.get(nameOf(name)) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(nameOf(name));
  }

  getSetCookie(): string[] {
    return [...this.#cookies];
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg?: unknown): void {
    if (typeof callback !== "function") throw new TypeError("Headers.forEach: the callback is not a function");
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }

  /** Sorted by name. Changes made during iteration are visible, by position. */
  *entries(): IterableIterator<[name: string, value: string]> {
    for (let at = 0; ; at += 1) {
      this.#sorted ??= this.#list();
      const entry = this.#sorted[at];
      if (entry === undefined) return;
      yield [...entry];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }

  static readonly [Symbol.hasInstance] = hasInstance("Headers");

  #put(key: string, value: string): void {
    this.#values.set(key, value);
    this.#sorted = undefined;
  }

  #list(): [name: string, value: string][] {
    const names = [...this.#values.keys()].sort();
    return names.flatMap((name): [string, string][] =>
      name === COOKIE ? this.#cookies.map((cookie) => [name, cookie]) : [[name, this.#values.get(name) ?? ""]],
    );
  }
}

function pairsOf(init: Init): Iterable<readonly [string, string]> {
  if (init === null || (typeof init !== "object" && typeof init !== "function"))
    throw new TypeError("Headers: the headers are neither an object nor pairs");
  if (!(Symbol.iterator in init)) return recordOf(init);
  return Array.from(init as Iterable<Iterable<string>>, (pair) => {
    const parts = typeof pair === "object" ? [...pair] : [];
    if (parts.length !== 2) throw new TypeError("Headers: a pair is not a name and a value");
    return parts as [string, string];
  });
}

function recordOf(init: object): [string, string][] {
  if (Object.getOwnPropertySymbols(init).length > 0) throw new TypeError("Headers: a name is a symbol");
  return Object.entries(init);
}

function nameOf(name: string): string {
  if (!NAME.test(name)) throw new TypeError(`Headers: ${String(name)} is not a name`);
  return `${name}`.toLowerCase();
}

/** Trims HTTP whitespace. */
function normalize(value: string): string {
  const bare = `${value}`.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (!VALUE.test(bare)) throw new TypeError("Headers: a value has characters that headers may not have");
  return bare;
}
