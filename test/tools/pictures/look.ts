import type { Panel } from "../../stack/_dashboard.ts";

export interface Look {
  colourOf(series: string): string;
  isDashed(series: string): boolean;
}

/** A panel's display settings in the dashboard. */
export interface PanelLook extends Look {
  unit: string | undefined;
  decimals: number | undefined;
  bars: boolean;
  isLog: boolean;
  softMax: number | undefined;
  noValue: string;
  /** Colour of a value by the thresholds. */
  colourAt(value: number): string;
}

interface Json extends Panel {
  fieldConfig?: Panel["fieldConfig"] & {
    defaults: {
      unit?: string;
      decimals?: number;
      noValue?: string;
      thresholds?: { steps: { value: number | null; color: string }[] };
      custom?: { drawStyle?: string; axisSoftMax?: number; scaleDistribution?: { type: string } };
    };
    overrides: {
      matcher: { id: string; options: string };
      properties: { id: string; value: { fixedColor?: string } }[];
    }[];
  };
}

const PALETTE = ["blue", "green", "orange", "purple", "yellow", "red"];

export function lookOf(panel: Panel): PanelLook {
  const { defaults, overrides = [] } = (panel as Json).fieldConfig ?? { defaults: {}, overrides: [] };
  const { unit, decimals, noValue = "", thresholds, custom = {} } = defaults;
  const of = (series: string, property: string) =>
    overrides
      .filter(({ matcher: { id, options } }) =>
        id === "byName"
          ? options === series
          : id === "byRegexp" && new RegExp(options.replaceAll("/", "")).test(series),
      )
      .flatMap(({ properties }) => properties)
      .findLast(({ id }) => id === property)?.value;
  const seen = new Map<string, string>();
  return {
    ...{ unit, decimals, noValue, softMax: custom.axisSoftMax },
    bars: custom.drawStyle === "bars",
    isLog: custom.scaleDistribution?.type === "symlog",
    isDashed: (series) => of(series, "custom.lineStyle") !== undefined,
    colourOf(series) {
      const fixed = of(series, "color")?.fixedColor;
      if (fixed) return fixed;
      if (!seen.has(series)) seen.set(series, PALETTE[seen.size % PALETTE.length] ?? "blue");
      return seen.get(series) ?? "blue";
    },
    colourAt: (value) =>
      thresholds?.steps.findLast((step) => step.value === null || value >= step.value)?.color ?? "text",
  };
}
