/** What a request carried, and what of it is not kept. */
export interface Received<Payload> {
  payload: Payload;
  rejections: Rejections;
}

/** Counts the items of a request that are not kept, for OTLP's partial success. */
export class Rejections {
  readonly #item: string;
  #count = 0;
  #first: string | undefined;

  /** @param item what is counted: "span", "data point" */
  constructor(item: string) {
    this.#item = item;
  }

  add(problem: string, items = 1): void {
    this.#count += items;
    this.#first ??= problem;
  }

  get count(): number {
    return this.#count;
  }

  /** How many, and why the first was; also for the rejection of a metric without points. "" when everything was kept. */
  get message(): string {
    if (this.#first === undefined) return "";
    const items = this.#count === 1 ? `1 ${this.#item} was` : `${this.#count} ${this.#item}s were`;
    return `${items} not kept; the first: ${this.#first}`;
  }
}
