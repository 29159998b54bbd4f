import { TableSortByFieldStateBuilder } from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/table";
import { FAILED_REQUESTS, JAEGER, jaegerTarget, type Search, searchLink } from "./explore.ts";
import { describePanel } from "./panel.ts";

interface Traces {
  title: string;
  description: string;
  noValue: string;
  search: Search;
  /** Column to sort by, descending. */
  sortBy: string;
}

/** A table of traces. Jaeger's data source links trace ids and sets the unit of durations. */
const traces = ({ search, sortBy, ...text }: Traces): PanelBuilder =>
  describePanel(new PanelBuilder(), { ...text, unit: "µs", width: 12, height: 10 })
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
      "Traces of the service with a slow query, slowest first; click the id to open the trace, whose longest span is the stage to look at. If it is empty, no query was that slow: choose a smaller Slow. Environment and function do not apply. Of traces faster than COLLECTOR_SLOW_MS, the collector may keep only a share.",
    noValue: "No query was that slow in this range. Choose a smaller threshold in Slow",
    search: { operation: "rag.query", minDuration: "$slow" },
    sortBy: "Duration",
  }),
  traces({
    title: "Failed queries",
    description:
      "Traces of the service with a 5xx response, newest first; the red span shows the failed stage and its error.type. If it is empty, none failed. Environment and function do not apply. The collector keeps all of them.",
    noValue: "No failed queries in this range",
    search: FAILED_REQUESTS,
    sortBy: "Start time",
  }),
];

export const slowQueries = { title: "Slow queries", panels };
