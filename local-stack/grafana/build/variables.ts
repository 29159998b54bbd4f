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

/** All of it, also what lacks the label: on a laptop there is no function, and an environment only where one is set. */
const chooseSome = (name: string, label: string): QueryVariableBuilder =>
  labelValues(name, `label_values(${SEEN}{service_name="$service"}, ${label})`)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ text: ["All"], value: ["$__all"] });

export const variables = [
  // One service and no All, because Jaeger searches one. There is always a choice, so that an empty system is no error.
  labelValues("service", `label_values(${SEEN}, service_name)`)
    .label("Service")
    .description("service.name")
    .staticOptions([DEFAULT_SERVICE])
    .staticOptionsOrder("sorted")
    .current(DEFAULT_SERVICE),
  chooseSome("environment", "deployment_environment_name")
    .label("Environment")
    .description("deployment.environment.name"),
  chooseSome("function", "faas_name").label("Function").description("faas.name"),
  new CustomVariableBuilder("slow")
    .label("Slow")
    .description("What counts as slow in the row Slow queries and in links to Jaeger")
    .values("100ms,500ms,1s,2s,5s")
    .current({ text: "1s", value: "1s" }),
];
