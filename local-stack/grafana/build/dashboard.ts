import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { cost } from "./cost.ts";
import { overview } from "./overview.ts";
import { quality } from "./quality.ts";
import { retrieval } from "./retrieval.ts";
import { serverless } from "./serverless.ts";
import { slowQueries } from "./slow-queries.ts";
import { stages } from "./stages.ts";
import { variables } from "./variables.ts";

const ROWS = [overview, stages, retrieval, quality, cost, serverless, slowQueries];

/** Builds the dashboard; panels are placed side by side until a line of 24 columns is full. */
export function buildDashboard(): Dashboard {
  const dashboard = new DashboardBuilder("RAG pipeline")
    .uid("rag-pipeline")
    .description(
      "Cost, latency, errors and quality of queries, stage by stage. Guide to each panel: docs/OBSERVABILITY.md",
    )
    .tags(["rag", "serverless", "opentelemetry"])
    .time({ from: "now-1h", to: "now" })
    .refresh("30s")
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables(variables);
  let id = 0;
  for (const { title, panels } of ROWS) {
    dashboard.withRow(new RowBuilder(title).id(++id));
    for (const panel of panels) dashboard.withPanel(panel.id(++id));
  }
  return dashboard.build();
}
