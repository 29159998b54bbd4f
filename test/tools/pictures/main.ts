/**
 * `npm run pictures [-- --minutes N] [-- --again]`: draws the README's pictures from a trace of the running functions
 * and from the local stack's results of the dashboard's queries. `--again` redraws the last recording.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { OtlpSpan } from "../../support/otlp.ts";
import { drawDashboard } from "./draw-dashboard.ts";
import { drawTrace } from "./draw-trace.ts";
import { type RecordedDashboard, recordDashboard } from "./record-dashboard.ts";
import { recordTrace } from "./record-trace.ts";

const RECORD = ".stack/pictures.json";
const FOLDER = "docs/images";
const PANELS = [
  ...["Queries", "Error ratio", "p95", "Cache hit ratio", "Cost", "Alerts firing"],
  ...["Query duration", "Queries per second", "Error ratio over time", "SLO burn"],
  ...["Median by stage", "p95 by stage", "Errors by stage"],
];

interface Recorded {
  trace: OtlpSpan[];
  dashboard: RecordedDashboard;
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "12" }, again: { type: "boolean", default: false } },
});

if (!values.again) {
  console.log(`Recording a trace, then ${values.minutes} minutes of load …`);
  const recorded: Recorded = {
    trace: await recordTrace(),
    dashboard: await recordDashboard(Number(values.minutes), PANELS),
  };
  mkdirSync(".stack", { recursive: true });
  writeFileSync(RECORD, JSON.stringify(recorded));
}
const { trace, dashboard } = JSON.parse(readFileSync(RECORD, "utf8")) as Recorded;
mkdirSync(FOLDER, { recursive: true });
writeFileSync(`${FOLDER}/trace.svg`, drawTrace(trace));
writeFileSync(`${FOLDER}/dashboard.svg`, drawDashboard(dashboard));
