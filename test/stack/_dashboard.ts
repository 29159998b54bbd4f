import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STACK } from "./_tools.ts";

export interface Target {
  refId: string;
  expr?: string;
  exemplar?: boolean;
  legendFormat?: string;
  service?: string;
  operation?: string;
  tags?: string;
  minDuration?: string;
  limit?: number;
}

interface Link {
  title: string;
  url: string;
}

export interface Panel {
  type: string;
  title: string;
  targets?: Target[];
  links?: Link[];
  fieldConfig?: { defaults: { links?: Link[] } };
}

/** Values of the dashboard's variables. The window is both the time range and the interval of a graph's points. */
export interface Choice {
  service: string;
  environment: string;
  function: string;
  slow: string;
  windowSeconds: number;
}

/** The panels of the committed dashboard. */
export function committedPanels(): Panel[] {
  const file = readFileSync(join(STACK, "grafana/dashboards/rag-pipeline.json"), "utf8");
  const { panels } = JSON.parse(file) as { panels: Panel[] };
  return panels.filter(({ type }) => type !== "row");
}

/** Substitutes variables as Grafana does. */
export function interpolate(
  text: string,
  { service, environment, function: name, slow, windowSeconds }: Choice,
): string {
  const values: Record<string, string> = {
    service,
    environment,
    function: name,
    slow,
    __range: `${windowSeconds}s`,
    __interval: `${windowSeconds}s`,
    __interval_ms: String(windowSeconds * 1_000),
    __from: "now-1h",
    __to: "now",
  };
  return text.replace(/\$(\w+)|\$\{(\w+)\}/g, (whole, plain?: string, braced?: string) => {
    const value = values[plain ?? braced ?? ""];
    if (value === undefined) throw new Error(`${whole} is not a variable of the dashboard`);
    return value;
  });
}

/** Parameters of Jaeger's search, derived from a target as by Grafana's data source. */
export function searchOf({ service = "", operation, tags, minDuration, limit }: Target): Record<string, string> {
  const logfmt = Object.fromEntries(
    (tags ?? "")
      .split(" ")
      .filter(Boolean)
      .map((tag) => tag.split("=")),
  );
  return {
    service,
    lookback: "1h",
    ...(operation && { operation }),
    ...(minDuration && { minDuration }),
    ...(tags && { tags: JSON.stringify(logfmt) }),
    ...(limit && { limit: String(limit) }),
  };
}

/** The data source and searches of a link to Explore. */
export function exploreOf(url: string): { datasource: string; queries: Target[] }[] {
  const panes = new URL(url, "http://grafana.example").searchParams.get("panes");
  if (!panes) throw new Error(`not a link to Explore: ${url}`);
  return Object.values(JSON.parse(panes) as Record<string, { datasource: string; queries: Target[] }>);
}
