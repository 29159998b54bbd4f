import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Trace } from "#console/contract.ts";
import { useServerEvent, useStatus } from "../shell/events.ts";
import { getJson, HttpError } from "../shell/http.ts";

/** Spans arrive in batches; a trace is fetched again at most this often. */
const THROTTLE_MS = 300;
/** Jaeger says nothing of itself; a trace is there a few seconds after the response. */
const POLL_MS = 2000;

export interface TraceState {
  trace: Trace | undefined;
  /** No span of it is known. */
  isMissing: boolean;
  error: unknown;
}

/** A trace, fetched again when more of its spans are received. */
export function useTrace(id: string, isShown: boolean): TraceState {
  const [state, setState] = useState<TraceState>({ trace: undefined, isMissing: false, error: undefined });
  const status = useStatus();
  const timer = useRef(0);
  const fetchTrace = useCallback(async () => {
    try {
      const trace = await getJson<Trace>(`/console/api/traces/${id}`);
      setState({ trace, isMissing: false, error: undefined });
    } catch (error) {
      const isMissing = error instanceof HttpError && error.status === 404;
      setState(({ trace }) => ({ trace, isMissing: isMissing && !trace, error: isMissing ? undefined : error }));
    }
  }, [id]);
  useEffect(() => {
    void fetchTrace();
    return () => clearTimeout(timer.current);
  }, [fetchTrace]);
  useServerEvent("traces", ({ trace_ids }) => {
    if (!trace_ids.includes(id) || timer.current !== 0) return;
    timer.current = setTimeout(() => {
      timer.current = 0;
      void fetchTrace();
    }, THROTTLE_MS);
  });
  const isPolled =
    state.isMissing && isShown && status !== undefined && status !== "gone" && status.telemetry.kind === "stack";
  useEffect(() => {
    if (!isPolled) return;
    const poll = setInterval(() => void fetchTrace(), POLL_MS);
    return () => clearInterval(poll);
  }, [isPolled, fetchTrace]);
  return state;
}
