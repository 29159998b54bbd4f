import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PROMETHEUS } from "./panel.ts";

const SEEN = "http_server_request_duration_seconds_count";
const DEFAULT_SERVICE = { text: "edge-rag", value: "edge-rag" };

const labelValues = (name: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .datasource(PROMETHEUS)
    .query({ qryType: 1, query, refId: "PrometheusVariableQueryEditor-VariableQuery" })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);

/** A multi-value variable whose All includes series without the label, such as a function's name on a laptop. */
const multiValue = (name: string, label: string): QueryVariableBuilder =>
  labelValues(name, `label_values(${SEEN}{service_name="$service"}, ${label})`)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ text: ["All"], value: ["$__all"] });

export const variables = [
  // A single service without All, because Jaeger searches one. The static option avoids an error in an empty system.
  labelValues("service", `label_values(${SEEN}, service_name)`)
    .label("Service")
    .description("service.name")
    .staticOptions([DEFAULT_SERVICE])
    .staticOptionsOrder("sorted")
    .current(DEFAULT_SERVICE),
  multiValue("environment", "deployment_environment_name")
    .label("Environment")
    .description("deployment.environment.name"),
  multiValue("function", "faas_name").label("Function").description("faas.name"),
  new CustomVariableBuilder("slow")
    .label("Slow")
    .description("Threshold for slow queries in the row Slow queries and in links to Jaeger")
    .values("100ms,500ms,1s,2s,5s")
    .current({ text: "1s", value: "1s" }),
];
