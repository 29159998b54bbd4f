import { TableSortByFieldStateBuilder } from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/table";
import { JAEGER, jaegerTarget, type Search, searchLink } from "./explore.ts";
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
export const traces = ({ search, sortBy, ...text }: Traces): PanelBuilder =>
  describePanel(new PanelBuilder(), { ...text, unit: "µs", width: 12, height: 10 })
    .datasource(JAEGER)
    .withTarget(jaegerTarget(search))
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)])
    .overrideByName("Trace ID", [{ id: "custom.width", value: 300 }])
    .overrideByName("Duration", [{ id: "custom.width", value: 100 }])
    .overrideByName("Start time", [{ id: "custom.width", value: 190 }])
    .links([searchLink("Open in Explore", search)]);
