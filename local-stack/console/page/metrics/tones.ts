/** How series are told apart: by tint and by dashes, so that no colour needs to be seen. */
import type { MetricGraph } from "#console/contract.ts";

export interface Tone {
  /** A class of metrics.css, whose colour it is. */
  name: string;
  /** Lengths of dash and gap, in CSS pixels; empty for a solid line. */
  dash: readonly number[];
}

const TONES: readonly Tone[] = [
  { name: "tone-accent", dash: [] },
  { name: "tone-text", dash: [6, 4] },
  { name: "tone-muted", dash: [] },
  { name: "tone-accent", dash: [2, 3] },
  { name: "tone-text", dash: [9, 3, 2, 3] },
  { name: "tone-muted", dash: [10, 5] },
];

const FAILED_TONES: readonly Tone[] = [
  { name: "tone-failed", dash: [] },
  { name: "tone-failed-faint", dash: [6, 4] },
  { name: "tone-failed", dash: [2, 3] },
];

/** Bars have no dashes; they are stacked in the order of the legend. */
const BAR_TONES: readonly Tone[] = ["accent", "text", "muted", "accent-faint", "line"].map(solid);
const FAILED_BAR_TONES: readonly Tone[] = ["failed", "failed-faint", "failed-pale", "muted"].map(solid);

/** A tone for each series, of a colour of its own for those that count failures. */
export function tonesOf({ kind, series }: Pick<MetricGraph, "kind" | "series">): Tone[] {
  const [others, failures] = kind === "bars" ? [BAR_TONES, FAILED_BAR_TONES] : [TONES, FAILED_TONES];
  return series.map(({ failed }, index) => {
    const tones = failed ? failures : others;
    const before = series.slice(0, index).filter((one) => one.failed === failed).length;
    return tones[before % tones.length] ?? solid("accent");
  });
}

function solid(name: string): Tone {
  return { name: `tone-${name}`, dash: [] };
}
