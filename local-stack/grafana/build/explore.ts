import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import { type DashboardLink, DashboardLinkBuilder } from "@grafana/grafana-foundation-sdk/dashboard";

export const JAEGER = { type: "jaeger", uid: "jaeger" };

/** A trace search. Jaeger searches one service by exact values, so the other variables do not apply. */
export interface Search {
  operation: string;
  /** Tags in logfmt. */
  tags?: string;
  minDuration?: string;
}

/** Requests that failed for their caller; the collector adds the tag. */
export const FAILED_REQUESTS: Search = { operation: "POST /query", tags: "request.failed=true" };

/** Answers that their sources hardly support; the label is of the evaluation's event. */
export const NOT_GROUNDED: Search = {
  operation: "rag.llm_generation",
  tags: "gen_ai.evaluation.score.label=not_grounded",
};

/** Ratings that counted; their spans link to the answers'. */
export const RATED_NEGATIVE: Search = { operation: "rag.feedback", tags: "gen_ai.evaluation.score.label=negative" };

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

/** A data link from a graph to the search in Explore, over the dashboard's time range. */
export function searchLink(title: string, search: Search): Builder<DashboardLink> {
  const pane = {
    datasource: JAEGER.uid,
    queries: [query(search)],
    range: { from: "$__from", to: "$__to" },
  };
  const panes = encodeURIComponent(JSON.stringify({ traces: pane }));
  // Grafana substitutes variables before it decodes the URL.
  const url = `/explore?schemaVersion=1&orgId=1&panes=${panes.replaceAll(/%24(\w+|%7B[\w.]+%7D)/g, decodeURIComponent)}`;
  return new DashboardLinkBuilder(title).url(url).targetBlank(true);
}
