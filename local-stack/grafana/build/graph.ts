import {
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
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
  max?: number;
}

/** A graph over time. Its legend is a table where the panel is wide enough for one. */
export function graph(options: GraphOptions): PanelBuilder {
  const { queries, colours = {}, draw = "lines", limits, softMax, max, width } = options;
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
    .fillOpacity(bars ? 70 : 8)
    .lineWidth(bars ? 0 : 2)
    .showPoints(bars ? VisibilityMode.Never : VisibilityMode.Auto)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName));
  if (bars) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  if (softMax !== undefined) panel.axisSoftMax(softMax);
  if (max !== undefined) panel.max(max);
  if (limits) {
    panel.thresholds(steps(limits));
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  for (const [name, colour] of Object.entries(colours)) {
    const fixed = [{ id: "color", value: { mode: FieldColorModeId.Fixed, fixedColor: colour } }];
    if (name.startsWith("/")) panel.overrideByRegexp(name, fixed);
    else panel.overrideByName(name, fixed);
  }
  return panel;
}
