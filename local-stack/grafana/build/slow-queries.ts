import { TableSortByFieldStateBuilder } from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/table";
import { FAILED_REQUESTS, JAEGER, jaegerTarget, type Search, searchLink } from "./explore.ts";
import { about } from "./panel.ts";

interface Traces {
  title: string;
  description: string;
  noValue: string;
  search: Search;
  /** Column, most first. */
  sortBy: string;
}

/** A table of traces. Jaeger's data source links each trace id to the trace and gives durations their unit. */
const traces = ({ search, sortBy, ...text }: Traces): PanelBuilder =>
  about(new PanelBuilder(), { ...text, unit: "µs", width: 12, height: 10 })
    .datasource(JAEGER)
    .withTarget(jaegerTarget(search))
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)])
    .overrideByName("Trace ID", [{ id: "custom.width", value: 300 }])
    .overrideByName("Duration", [{ id: "custom.width", value: 100 }])
    .overrideByName("Start time", [{ id: "custom.width", value: 190 }])
    .links([searchLink("Open in Explore", search)]);

const panels = [
  traces({
    title: "Queries slower than $slow",
    description:
      "Empty means that no query was that slow: choose a smaller Slow. Traces of the service with a slow query, slowest first; the id opens the trace, whose longest span is the stage to look at. Environment and function do not apply. The collector may keep only a share of those below COLLECTOR_SLOW_MS.",
    noValue: "No trace of a query that slow in this range. Choose a smaller threshold in Slow",
    search: { operation: "rag.query", minDuration: "$slow" },
    sortBy: "Duration",
  }),
  traces({
    title: "Failed queries",
    description:
      "Empty means that none failed. Traces of the service whose request ended with a 5xx, newest first; the red span has error.type and says which stage failed. Environment and function do not apply. The collector keeps every one.",
    noValue: "No failed query in this range",
    search: FAILED_REQUESTS,
    sortBy: "Start time",
  }),
];

export const slowQueries = { title: "Slow queries", panels };
