/** What several panels are computed from. */
import { type Formula, ratio, type Selector, select, sum, total } from "./formula.ts";

export const QUERIES = select("rag_query_duration_seconds_count");
export const FAILED = select("rag_query_duration_seconds_count", 'outcome="error"');
/** Without abandoned queries, whose full duration is unknown. */
export const QUERY_BUCKETS = select("rag_query_duration_seconds_bucket", 'outcome!="abandoned"');
export const REQUESTS = select("http_server_request_duration_seconds_count");

type Item = "span" | "metric_data_point";

export const exported = (item: Item): Selector => select(`otel_sdk_exporter_${item}_exported_total`, 'error_type=""');

export const dropped = (item: Item): Selector => select(`otel_sdk_exporter_${item}_exported_total`, 'error_type!=""');

/** Hits as a share of the lookups in a cache. */
export function cacheHitRatio(cache: "embedding" | "answer"): Formula {
  const hits = total(select(`rag_${cache}_cache_hits_total`));
  const misses = total(select(`rag_${cache}_cache_misses_total`));
  return ratio(hits, sum(hits, misses));
}
