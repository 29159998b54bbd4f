import { FAILED_REQUESTS } from "./explore.ts";
import { traces } from "./traces.ts";

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
