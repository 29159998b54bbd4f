import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { TraceList, TraceSummary } from "#console/contract.ts";
import { useServerEvent, useStatus } from "../../shell/events.ts";
import { getJson } from "../../shell/http.ts";
import { type LiveList, MOST, mergeNewest, release } from "./live-list.ts";
import { filterQuery, type ListFilter } from "./trace-filter.ts";

/** New traces are fetched at most this often. */
const THROTTLE_MS = 700;
/** Jaeger says nothing of itself. */
const POLL_MS = 5000;
const NEWEST = 200;

export interface ListState {
  /** `undefined` until the first response. */
  list: (LiveList & Omit<TraceList, "traces">) | undefined;
  error: unknown;
  /** Shows the traces that arrived meanwhile. */
  showHeld(): void;
}

/**
 * The traces that a filter lets through, kept up to date while they are shown.
 *
 * @param isReading whether the reader is somewhere in the list, where no row may move
 */
export function useTraceList(filter: ListFilter, isShown: boolean, isReading: () => boolean): ListState {
  const [list, setList] = useState<ListState["list"]>();
  const [error, setError] = useState<unknown>();
  const status = useStatus();
  const query = JSON.stringify(filterQuery(filter));
  const latest = useRef({ query, list, isReading });
  latest.current = { query, list, isReading };
  const isStale = useRef(true);
  const timer = useRef(0);

  const fetchTraces = useCallback(async (limit: number): Promise<TraceList | undefined> => {
    const { query } = latest.current;
    const fetched = await getJson<TraceList>(listPath(query, limit));
    // A response to an earlier filter is of no use.
    return query === latest.current.query ? fetched : undefined;
  }, []);
  const fetchAll = useCallback(async () => {
    const fetched = await fetchTraces(MOST);
    if (fetched) setList({ ...fetched, held: [] });
  }, [fetchTraces]);
  const fetchNewest = useCallback(async () => {
    const { list } = latest.current;
    if (!list) return fetchAll();
    const fetched = await fetchTraces(NEWEST);
    if (!fetched) return;
    const { traces, ...rest } = fetched;
    const how = { isHeld: latest.current.isReading(), isComplete: traces.length < NEWEST };
    const merged = mergeNewest(latest.current.list ?? list, traces, how);
    if (merged) setList({ ...rest, ...merged });
    else await fetchAll();
  }, [fetchAll, fetchTraces]);
  const follow = useCallback((fetching: Promise<void>) => fetching.then(() => setError(undefined), setError), []);
  useEffect(() => {
    setList(undefined);
    // At once: the next effect would add to the traces of the earlier filter.
    latest.current.list = undefined;
    isStale.current = true;
  }, [query]);
  useEffect(() => {
    if (!isShown || !isStale.current) return;
    isStale.current = false;
    void follow(fetchNewest());
  }, [isShown, query, follow, fetchNewest]);

  const schedule = () => {
    isStale.current = true;
    if (!isShown || timer.current !== 0) return;
    timer.current = setTimeout(() => {
      timer.current = 0;
      isStale.current = false;
      void follow(fetchNewest());
    }, THROTTLE_MS);
  };
  useServerEvent("traces", schedule);
  const isPolled = isShown && status !== undefined && status !== "gone" && status.telemetry.kind === "stack";
  useEffect(() => {
    if (!isPolled) return;
    const poll = setInterval(() => void follow(fetchNewest()), POLL_MS);
    return () => clearInterval(poll);
  }, [isPolled, follow, fetchNewest]);

  return { list, error, showHeld: () => setList((list) => list && { ...list, ...release(list) }) };
}

/** The traces of a route before another one, newest first. */
export async function tracesBefore({ route, start_ms }: TraceSummary): Promise<TraceSummary[]> {
  const query = { ...(route !== undefined && { route }), before_ms: String(start_ms) };
  return (await getJson<TraceList>(listPath(JSON.stringify(query), 50))).traces;
}

function listPath(query: string, limit: number): string {
  const parameters = new URLSearchParams({ ...(JSON.parse(query) as Record<string, string>), limit: String(limit) });
  return `/console/api/traces?${parameters}`;
}
