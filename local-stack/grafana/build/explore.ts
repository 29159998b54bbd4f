import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { type DashboardLink, DashboardLinkBuilder } from "@grafana/grafana-foundation-sdk/dashboard";

export const JAEGER = { type: "jaeger", uid: "jaeger" };

/** A search for traces. Jaeger searches one service, by exact values: it cannot take the other variables. */
export interface Search {
  operation: string;
  /** In logfmt. */
  tags?: string;
  minDuration?: string;
}

/** Requests that failed for their caller; the collector marks them. */
export const FAILED_REQUESTS: Search = { operation: "POST /query", tags: "request.failed=true" };

const LIMIT = 50;

const query = (search: Search) => ({
  refId: "A",
  datasource: JAEGER,
  queryType: "search",
  service: "$service",
  ...search,
  limit: LIMIT,
});

/** The SDK has no builder for Jaeger. */
export const jaegerTarget = (search: Search): Builder<Dataquery> => ({
  build: () => ({ ...query(search), _implementsDataqueryVariant() {} }),
});

/** A link from a point of a graph to the same search in Explore, over the time on the screen. */
export function searchLink(title: string, search: Search): Builder<DashboardLink> {
  const pane = {
    datasource: JAEGER.uid,
    queries: [query(search)],
    range: { from: "$__from", to: "$__to" },
  };
  const panes = encodeURIComponent(JSON.stringify({ traces: pane }));
  // Grafana fills in variables before it decodes.
  const url = `/explore?schemaVersion=1&orgId=1&panes=${panes.replaceAll(/%24(\w+|%7B[\w.]+%7D)/g, decodeURIComponent)}`;
  return new DashboardLinkBuilder(title).url(url).targetBlank(true);
}
