import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { FieldColorBuilder, FieldColorModeId } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Colours } from "./colours.ts";
import { type About, about, MIN_INTERVAL, PROMETHEUS, type Query, type Steps, steps, targets } from "./panel.ts";

export interface GraphOptions extends About {
  queries: Query[];
  colours?: Colours;
  /** `bars`, stacked, are amounts per interval; `lines` are rates, ratios and durations. */
  draw?: "lines" | "bars";
  /** Drawn as dashed lines. */
  limits?: Steps;
  /** The axis reaches at least so far. */
  softMax?: number;
  /** From 1 on, the axis doubles: small values stay readable beside large ones. */
  doubling?: boolean;
  /** Series that are drawn dashed: they may lie on others. */
  dashed?: string[];
  max?: number;
}

/** A graph over time. Its legend is a table where the panel is wide enough for one. */
export function graph(options: GraphOptions): PanelBuilder {
  const { queries, colours = {}, draw = "lines", limits, softMax, doubling, dashed = [], max, width } = options;
  const bars = draw === "bars";
  const wide = width >= 12;
  const legend = new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(wide ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(wide ? LegendPlacement.Right : LegendPlacement.Bottom)
    .calcs(bars ? ["sum"] : wide ? ["lastNotNull", "max"] : []);
  const panel = about(new PanelBuilder(), options)
    .datasource(PROMETHEUS)
    .targets(targets(queries, "range"))
    .interval(MIN_INTERVAL)
    .min(0)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .drawStyle(bars ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    // Below several lines a filling looks like a stack.
    .fillOpacity(bars ? 70 : isOneLine(queries) ? 8 : 0)
    .lineWidth(bars ? 0 : 2)
    .showPoints(bars ? VisibilityMode.Never : VisibilityMode.Auto)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName));
  if (bars) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  if (softMax !== undefined) panel.axisSoftMax(softMax);
  if (max !== undefined) panel.max(max);
  if (doubling) {
    const scale = new ScaleDistributionConfigBuilder().type(ScaleDistribution.Symlog).log(2).linearThreshold(1);
    panel.scaleDistribution(scale);
  }
  if (limits) {
    panel.thresholds(steps(limits));
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  for (const [name, colour] of Object.entries(colours)) {
    const fixed = [{ id: "color", value: { mode: FieldColorModeId.Fixed, fixedColor: colour } }];
    if (name.startsWith("/")) panel.overrideByRegexp(name, fixed);
    else panel.overrideByName(name, fixed);
  }
  const dash = [{ id: "custom.lineStyle", value: { fill: "dash", dash: [8, 8] } }];
  for (const name of dashed) panel.overrideByName(name, dash);
  return panel;
}

/** A legend with labels makes a line for each of their values. */
function isOneLine(queries: Query[]): boolean {
  return queries.length === 1 && !queries.some(({ legend }) => legend.includes("{{"));
}
