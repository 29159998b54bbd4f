import { useEffect, useRef, useState } from "preact/hooks";
import type { MetricsView } from "#console/contract.ts";
import { useServerEvent } from "../shell/events.ts";
import { getJson } from "../shell/http.ts";

/** Between two requests, however many events there are. */
const AT_LEAST_MS = 2_000;
/** Without an event: time goes on, and Prometheus sends none. */
const AT_MOST_MS = 10_000;

interface Metrics {
  view: MetricsView | undefined;
  /** Of the last request. */
  error: unknown;
}

/** The metrics of the last minutes, read again when there are new ones, while `isActive` and the page is visible. */
export function useMetrics(minutes: number, isActive: boolean): Metrics {
  const [metrics, setMetrics] = useState<Metrics>({ view: undefined, error: undefined });
  const onEvent = useRef(() => {});
  useServerEvent("metrics", () => onEvent.current());

  useEffect(() => {
    if (!isActive) return;
    const controller = new AbortController();
    const { signal } = controller;
    let timer = 0;
    let startedAt = 0;
    let isLoading = false;
    let isOutdated = false;

    async function load(): Promise<void> {
      startedAt = Date.now();
      isLoading = true;
      isOutdated = false;
      try {
        const view = await getJson<MetricsView>(`/console/api/metrics?minutes=${minutes}`, signal);
        setMetrics({ view, error: undefined });
      } catch (error) {
        if (!signal.aborted) setMetrics(({ view }) => ({ view, error }));
      }
      isLoading = false;
      if (!signal.aborted) plan(isOutdated ? AT_LEAST_MS : AT_MOST_MS);
    }

    function plan(delayMs: number): void {
      clearTimeout(timer);
      if (!document.hidden) timer = setTimeout(load, delayMs);
    }

    function refresh(): void {
      if (isLoading) isOutdated = true;
      else plan(Math.max(0, startedAt + AT_LEAST_MS - Date.now()));
    }

    onEvent.current = refresh;
    document.addEventListener("visibilitychange", refresh);
    void load();
    return () => {
      onEvent.current = () => {};
      document.removeEventListener("visibilitychange", refresh);
      clearTimeout(timer);
      controller.abort();
    };
  }, [minutes, isActive]);

  return metrics;
}
