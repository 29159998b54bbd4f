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
import { describePanel, type PanelTexts, PROMETHEUS, type Query, type Steps, steps, targets } from "./panel.ts";

/** Neutral colours; the first one is for no value. */
const LIMITS: Steps = [
  [null, FAINT],
  [0, NEUTRAL],
];

/** One number for the whole time range. */
export function stat(options: PanelTexts & { expr: string; limits?: Steps }): Stat {
  const { expr, limits = LIMITS } = options;
  return describePanel(new Stat(), options)
    .datasource(PROMETHEUS)
    .targets(targets([{ expr, legend: options.title }], "instant"))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .graphMode(BigValueGraphMode.None)
    .thresholds(steps(limits));
}

/** Horizontal bars for the whole time range. */
export function bars(options: PanelTexts & { queries: Query[]; max?: number }): BarGauge {
  const { queries, max } = options;
  const panel = describePanel(new BarGauge(), options)
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
