import type { TraceSummary } from "#console/contract.ts";
import { count, duration, percent } from "../../shell/format.ts";
import { mainCause, type SpanPair } from "./match-spans.ts";

/** Differences below this are noise. Milliseconds. */
const NOISE_MS = 1;

/** +112 ms, −3.1 ms. */
export function signedDuration(ms: number): string {
  return `${sign(ms)}${duration(Math.abs(ms))}`;
}

/** +21.3 %, −4.0 %: of what it was there; ×12 where percentages say little. */
export function signedPercent(ms: number, there_ms: number): string {
  if (there_ms > 0 && ms >= 9 * there_ms) return `×${count(Math.round(ms / there_ms) + 1)}`;
  return there_ms > 0 ? `${sign(ms)}${percent(Math.abs(ms) / there_ms)}` : "";
}

/** What made the difference, as a sentence or two. */
export function differenceText(here: TraceSummary, there: TraceSummary, pairs: readonly SpanPair[]): string {
  const total = here.duration_ms - there.duration_ms;
  if (Math.abs(total) < NOISE_MS) return "Both traces took the same time.";
  const took = `This trace took ${duration(Math.abs(total))} ${longer(total)} than the other.`;
  const cause = mainCause(pairs, total);
  return cause ? `${took} ${causeText(cause.pair, cause.ms)}` : took;
}

function causeText({ name, here, there }: SpanPair, ms: number): string {
  if (here && there) {
    const own = here.children.length > 0 || there.children.length > 0 ? " itself" : "";
    return `${name}${own} took ${duration(Math.abs(ms))} ${longer(ms)}.`;
  }
  return here
    ? `${name}, which only this trace has, took ${duration(ms)}.`
    : `${name}, which only the other trace has, took ${duration(-ms)} there.`;
}

function longer(ms: number): string {
  return ms > 0 ? "longer" : "less";
}

/** With a minus as wide as the plus. */
function sign(ms: number): string {
  return ms > 0 ? "+" : ms < 0 ? "\u2212" : "";
}
