interface Tag {
  key: string;
  value: string | number | boolean;
}

export interface JaegerSpan {
  spanID: string;
  operationName: string;
  /** Microseconds. */
  duration: number;
  references: { refType: string; traceID: string; spanID: string }[];
  tags: Tag[];
}

export interface JaegerTrace {
  traceID: string;
  spans: JaegerSpan[];
}

/** A client of Jaeger's HTTP API, which its UI and Grafana use. */
export class Jaeger {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The trace, or `undefined` if Jaeger does not have it. */
  async trace(id: string): Promise<JaegerTrace | undefined> {
    const response = await fetch(`${this.#url}/api/traces/${id}`);
    if (response.status === 404) return undefined;
    return ((await response.json()) as { data: JaegerTrace[] }).data[0];
  }

  /** @param search Parameters of `/api/traces`: service, operation, tags, minDuration, limit. */
  async search(search: Record<string, string>): Promise<JaegerTrace[]> {
    const response = await fetch(`${this.#url}/api/traces?${new URLSearchParams(search)}`);
    const { data, errors } = (await response.json()) as { data: JaegerTrace[] | null; errors?: unknown };
    if (!response.ok) throw new Error(`Jaeger: ${response.status} ${JSON.stringify(errors)}`);
    return data ?? [];
  }
}

/** The only span with that name. */
export function spanOf({ spans }: JaegerTrace, name: string): JaegerSpan {
  const found = spans.filter(({ operationName }) => operationName === name);
  if (!found[0] || found.length > 1) throw new Error(`expected one span ${name}, found ${found.length}`);
  return found[0];
}

export function tagsOf({ tags }: JaegerSpan): Record<string, string | number | boolean> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

/** Name of the parent span, or `undefined` for a root. */
export function parentOf(trace: JaegerTrace, { references }: JaegerSpan): string | undefined {
  const parent = references.find(({ refType }) => refType === "CHILD_OF")?.spanID;
  return trace.spans.find(({ spanID }) => spanID === parent)?.operationName;
}
