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
import {
  describePanel,
  MIN_INTERVAL,
  type PanelTexts,
  PROMETHEUS,
  type Query,
  type Steps,
  steps,
  targets,
} from "./panel.ts";

export interface GraphOptions extends PanelTexts {
  queries: Query[];
  colours?: Colours;
  /** Stacked `bars` for amounts per interval; `lines` for rates, ratios and durations. */
  draw?: "lines" | "bars";
  /** Thresholds, drawn as dashed lines. */
  limits?: Steps;
  /** Minimum for the upper end of the axis. */
  softMax?: number;
  /** Logarithmic axis with base 2 from 1 on, so that small values stay readable next to large ones. */
  logarithmic?: boolean;
  /** Series drawn dashed, since they may overlap others. */
  dashed?: string[];
  max?: number;
}

/** A time series panel. Its legend is a table if the panel is wide enough. */
export function graph(options: GraphOptions): PanelBuilder {
  const { queries, colours = {}, draw = "lines", limits, softMax, logarithmic, dashed = [], max, width } = options;
  const bars = draw === "bars";
  const wide = width >= 12;
  const legend = new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(wide ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(wide ? LegendPlacement.Right : LegendPlacement.Bottom)
    .calcs(bars ? ["sum"] : wide ? ["lastNotNull", "max"] : []);
  const panel = describePanel(new PanelBuilder(), options)
    .datasource(PROMETHEUS)
    .targets(targets(queries, "range"))
    .interval(MIN_INTERVAL)
    .min(0)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .drawStyle(bars ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    // With several lines, a fill would look stacked.
    .fillOpacity(bars ? 70 : isOneLine(queries) ? 8 : 0)
    .lineWidth(bars ? 0 : 2)
    .showPoints(bars ? VisibilityMode.Never : VisibilityMode.Auto)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName));
  if (bars) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  if (softMax !== undefined) panel.axisSoftMax(softMax);
  if (max !== undefined) panel.max(max);
  if (logarithmic) {
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

/** Labels in a legend mean one line per label value. */
function isOneLine(queries: Query[]): boolean {
  return queries.length === 1 && !queries.some(({ legend }) => legend.includes("{{"));
}
