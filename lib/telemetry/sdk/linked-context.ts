import type { Context } from "@opentelemetry/api";

/** A context that is one value and what it inherits; for each value, the API's copies all others and makes three functions. */
class LinkedContext implements Context {
  readonly #parent: LinkedContext | undefined;
  readonly #key: symbol | undefined;
  readonly #value: unknown;

  constructor(parent?: LinkedContext, key?: symbol, value?: unknown) {
    this.#parent = parent;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    for (let link: LinkedContext | undefined = this; link; link = link.#parent) {
      if (link.#key === key) return link.#value;
    }
    return undefined;
  }

  setValue(key: symbol, value: unknown): Context {
    return new LinkedContext(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new LinkedContext(this, key, undefined);
  }
}

/** A context without values, as the API's `ROOT_CONTEXT`, for spans that start a tree of many. */
export const EMPTY_CONTEXT: Context = new LinkedContext();
