import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  type DashboardLink,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";

export const PROMETHEUS = { type: "prometheus", uid: "prometheus" };

/** Scrapes are 15 s apart; shorter intervals would be empty at times. */
export const MIN_INTERVAL = "1m";

export interface PanelTexts {
  title: string;
  /** What the panel shows, and what to do describePanel unexpected values. */
  description: string;
  unit: string;
  decimals?: number;
  /** Shown when the panel is empty: the reason. */
  noValue: string;
  /** Columns out of 24. */
  width: number;
  /** Grid units of 30 pixels. */
  height: number;
  links?: Builder<DashboardLink>[];
}

export interface Query {
  expr: string;
  legend: string;
  exemplars?: boolean;
}

/** Thresholds: the colour from each value on. */
export type Steps = [value: number | null, colour: string][];

interface Describable extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  noValue(noValue: string): this;
  span(columns: number): this;
  height(units: number): this;
  dataLinks(links: Builder<DashboardLink>[]): this;
}

/** Applies the options that all panels share. */
export function describePanel<P extends Describable>(panel: P, options: PanelTexts): P {
  const { title, description, unit, decimals, noValue, width, height, links } = options;
  panel.title(title).description(description).unit(unit).noValue(noValue).span(width).height(height);
  if (decimals !== undefined) panel.decimals(decimals);
  if (links) panel.dataLinks(links);
  return panel;
}

/** Graphs query a point per interval, other panels one value for the whole time range. */
export function targets(queries: Query[], kind: "range" | "instant" | "heatmap"): Builder<Dataquery>[] {
  return queries.map(({ expr, legend, exemplars }, index) => {
    const query = new DataqueryBuilder().refId(String.fromCharCode(65 + index)).datasource(PROMETHEUS);
    query.expr(expr).legendFormat(legend);
    if (exemplars) query.exemplar(true);
    if (kind === "heatmap") query.format(PromQueryFormat.Heatmap);
    return kind === "instant" ? query.instant() : query.range();
  });
}

export const steps = (values: Steps): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(values.map(([value, color]) => ({ value, color })));
