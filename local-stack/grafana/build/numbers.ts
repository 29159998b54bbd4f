import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BigValueGraphMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { FAINT, NEUTRAL } from "./colours.ts";
import { type About, about, PROMETHEUS, type Query, type Steps, steps, targets } from "./panel.ts";

/** Nothing has the first colour: it is neither good nor bad. */
const LIMITS: Steps = [
  [null, FAINT],
  [0, NEUTRAL],
];

/** One number about all the time on the screen. */
export function stat(options: About & { expr: string; limits?: Steps }): Stat {
  const { expr, limits = LIMITS } = options;
  return about(new Stat(), options)
    .datasource(PROMETHEUS)
    .targets(targets([{ expr, legend: options.title }], "instant"))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .graphMode(BigValueGraphMode.None)
    .thresholds(steps(limits));
}

/** Numbers side by side about all the time on the screen. */
export function bars(options: About & { queries: Query[]; max?: number }): BarGauge {
  const { queries, max } = options;
  const panel = about(new BarGauge(), options)
    .datasource(PROMETHEUS)
    .targets(targets(queries, "instant"))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .namePlacement(BarGaugeNamePlacement.Left)
    .text(new VizTextDisplayOptionsBuilder().titleSize(12).valueSize(16))
    .min(0)
    .thresholds(steps(LIMITS));
  return max === undefined ? panel : panel.max(max);
}
