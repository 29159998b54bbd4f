/** One series of an instant query. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export interface RuleGroup {
  name: string;
  /** Time of the last evaluation, ISO 8601; in the year 1 before the first one. */
  lastEvaluation: string;
  rules: { name: string; type: string; query: string; health: string; labels: Record<string, string> }[];
}

interface ApiResponse {
  status: string;
  error?: string;
  data?: unknown;
}

/** A client of Prometheus's HTTP API. */
export class Prometheus {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws Error with Prometheus's error message */
  async query(query: string, time = Date.now() / 1_000): Promise<Sample[]> {
    const { result } = (await this.#get("query", { query, time: String(time) })) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** The value of the only series; 0 if there is none. */
  async value(query: string): Promise<number> {
    const samples = await this.query(query);
    if (samples.length > 1) throw new Error(`expected one series, found ${samples.length}: ${query}`);
    return samples[0]?.value ?? 0;
  }

  /** Exemplars of the last hour, the newest last. */
  async exemplars(query: string): Promise<{ labels: Record<string, string>; value: number }[]> {
    const now = Date.now() / 1_000;
    const found = (await this.#get("query_exemplars", { query, start: String(now - 3_600), end: String(now) })) as {
      exemplars: { labels: Record<string, string>; value: string; timestamp: number }[];
    }[];
    return found
      .flatMap(({ exemplars }) => exemplars)
      .sort((a, b) => a.timestamp - b.timestamp)
      .map(({ labels, value }) => ({ labels, value: Number(value) }));
  }

  /** Labels of all matching series of the last hour. */
  async series(match: string): Promise<Record<string, string>[]> {
    return (await this.#get("series", { "match[]": match, start: String(Date.now() / 1_000 - 3_600) })) as Record<
      string,
      string
    >[];
  }

  /** Rule groups as Prometheus loaded them. */
  async rules(): Promise<RuleGroup[]> {
    const { groups } = (await this.#get("rules", {})) as { groups: RuleGroup[] };
    return groups;
  }

  async #get(path: string, parameters: Record<string, string>): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, error, data } = (await response.json()) as ApiResponse;
    if (status !== "success") throw new Error(`Prometheus: ${error}: ${Object.values(parameters)[0]}`);
    return data;
  }
}
