import { NANOS_PER_USD, nanoUsdOf, type OwnPrices, PRICES_AS_OF, type Price, priceIn } from "./prices.ts";

/** One billed call. */
export interface Usage {
  /** The model that answered, as the provider names it. */
  model: string;
  /** The model as the request named it, if that may be another name. */
  requestedModel?: string;
  promptTokens: number;
  /** 0 for embeddings. */
  completionTokens: number;
  /** Default: the operation that the model's price is for, "chat" without a price. */
  operation?: "chat" | "embeddings";
  /** US dollars, when the provider reports what it charged; overrides the price table. */
  costUsd?: number;
}

/** A call as it was counted. `costUsd` is absent when its price is not known. */
export type UsageRecord = Readonly<Omit<Usage, "requestedModel"> & Required<Pick<Usage, "operation">>>;

export interface TokenCounts {
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
}

export interface ModelStats extends TokenCounts {
  requests: number;
  /** Requests whose price is not known; `costUsd` is without them. */
  unpricedRequests: number;
  /** US dollars. */
  costUsd: number;
}

export interface UsageStats extends ModelStats {
  byModel: Record<string, ModelStats>;
  /** Zeros before the first request. The cost is the mean of the priced requests. */
  averagePerRequest: TokenCounts & { costUsd: number };
  /** Construction, or the last reset. */
  since: Date;
  /** Date of the price table, YYYY-MM-DD. */
  pricesAsOf: string;
}

/** Money as whole nano-dollars: as such, sums are exact up to 9 million dollars; as floating dollars they drift. */
interface Totals {
  requests: number;
  unpriced: number;
  prompt: number;
  completion: number;
  nanoUsd: number;
}

const NOTHING: Totals = { requests: 0, unpriced: 0, prompt: 0, completion: 0, nanoUsd: 0 };

/**
 * Counts what a process was billed: tokens by model, and US dollars when the price is known. Works independently, with
 * telemetry or without.
 */
export class OpenAIUsageMonitor {
  readonly #models = new Map<string, Totals>();
  readonly #onRecord: (record: UsageRecord) => void;
  readonly #prices: OwnPrices;
  readonly #now: () => Date;
  #since: Date;

  /**
   * @param options.onRecord called with every counted call
   * @param options.prices go before the price table
   */
  constructor(
    options: { onRecord?: (record: UsageRecord) => void; prices?: OwnPrices | undefined; now?: () => Date } = {},
  ) {
    this.#prices = options.prices ?? new Map();
    this.#onRecord = options.onRecord ?? (() => {});
    this.#now = options.now ?? (() => new Date());
    this.#since = this.#now();
  }

  /**
   * Counts a call.
   *
   * @returns what it cost in US dollars; `undefined` when the price is not known, which is counted too.
   * @throws TypeError naming the field that cannot be used; nothing is counted then.
   */
  recordUsage(usage: Usage): number | undefined {
    check(usage);
    const { model, promptTokens, completionTokens } = usage;
    const price = priceIn(this.#prices, model, usage.requestedModel);
    const operation = usage.operation ?? operationOf(price);
    const nanoUsd = nanoUsdFor(usage, price, operation);
    const call = { requests: 1, unpriced: 0, prompt: promptTokens, completion: completionTokens };
    const counted = nanoUsd === undefined ? { ...call, unpriced: 1, nanoUsd: 0 } : { ...call, nanoUsd };
    this.#models.set(model, sum(this.#models.get(model) ?? NOTHING, counted));

    const costUsd = nanoUsd === undefined ? undefined : nanoUsd / NANOS_PER_USD;
    this.#onRecord({ model, operation, promptTokens, completionTokens, ...(costUsd !== undefined && { costUsd }) });
    return costUsd;
  }

  /** Tokens by model, and in all. */
  getUsage(): { byModel: Record<string, TokenCounts>; total: TokenCounts } {
    return { byModel: this.#byModel(tokensOf), total: tokensOf(this.#total()) };
  }

  /** US dollars of all calls whose price is known. */
  getTotalCost(): number {
    return this.#total().nanoUsd / NANOS_PER_USD;
  }

  getStats(): UsageStats {
    const total = this.#total();
    const each = (amount: number, requests = total.requests) => (requests === 0 ? 0 : amount / requests);
    return {
      ...statsOf(total),
      byModel: this.#byModel(statsOf),
      averagePerRequest: {
        promptTokens: each(total.prompt),
        completionTokens: each(total.completion),
        totalTokens: each(total.prompt + total.completion),
        costUsd: each(total.nanoUsd, total.requests - total.unpriced) / NANOS_PER_USD,
      },
      since: this.#since,
      pricesAsOf: PRICES_AS_OF,
    };
  }

  /** Resets all counts; `since` becomes now. */
  reset(): void {
    this.#models.clear();
    this.#since = this.#now();
  }

  #total(): Totals {
    return [...this.#models.values()].reduce(sum, NOTHING);
  }

  #byModel<View>(view: (totals: Totals) => View): Record<string, View> {
    return Object.fromEntries([...this.#models].map(([model, totals]) => [model, view(totals)]));
  }
}

/** @throws TypeError */
function check({ model, promptTokens, completionTokens, costUsd = 0 }: Usage): void {
  if (typeof model !== "string" || model === "") throw invalid("model", "the name of a model", model);
  for (const [field, tokens] of Object.entries({ promptTokens, completionTokens })) {
    if (!Number.isSafeInteger(tokens) || tokens < 0) {
      throw invalid(`${field} of ${model}`, "a whole number of tokens, not below 0", tokens);
    }
  }
  if (!Number.isFinite(costUsd) || costUsd < 0)
    throw invalid(`costUsd of ${model}`, "US dollars, not below 0", costUsd);
}

function invalid(field: string, wanted: string, got: unknown): TypeError {
  return new TypeError(`recordUsage: ${field} must be ${wanted}; it is ${typeof got} ${String(got)}`);
}

function operationOf(price: Price | undefined): UsageRecord["operation"] {
  return price && "embedding" in price ? "embeddings" : "chat";
}

function nanoUsdFor(usage: Usage, price: Price | undefined, operation: UsageRecord["operation"]): number | undefined {
  const { promptTokens, completionTokens, costUsd } = usage;
  if (costUsd !== undefined) return Math.round(costUsd * NANOS_PER_USD);
  return price && operation === operationOf(price) ? nanoUsdOf(price, promptTokens, completionTokens) : undefined;
}

function sum(a: Totals, b: Totals): Totals {
  return {
    requests: a.requests + b.requests,
    unpriced: a.unpriced + b.unpriced,
    prompt: a.prompt + b.prompt,
    completion: a.completion + b.completion,
    nanoUsd: a.nanoUsd + b.nanoUsd,
  };
}

function tokensOf({ prompt, completion }: Totals): TokenCounts {
  return { promptTokens: prompt, completionTokens: completion, totalTokens: prompt + completion };
}

function statsOf(totals: Totals): ModelStats {
  const { requests, unpriced, nanoUsd } = totals;
  return { ...tokensOf(totals), requests, unpricedRequests: unpriced, costUsd: nanoUsd / NANOS_PER_USD };
}
