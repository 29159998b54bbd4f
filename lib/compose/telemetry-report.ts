import type { HealthSources } from "#http/routes/health.ts";
import type { RefusalReport, TelemetryState } from "#telemetry/index.ts";
import { log } from "./log.ts";

/** What a deep health response says about telemetry. */
export function describeTelemetry({
  refusals,
  ...state
}: TelemetryState): Omit<ReturnType<HealthSources["telemetry"]>, "enabled"> {
  if (!refusals) return state;
  return { ...state, refused: refusals.map(({ since, ...refusal }) => ({ ...refusal, since: since.toISOString() })) };
}

/** Logs that a collector refuses what is sent. */
export function logRefusal({ since, ...refusal }: RefusalReport): void {
  log({ level: "WARN", message: "the collector refuses telemetry", ...refusal, since: since.toISOString() });
}
