import { bundle, packagesOf, sizeOf } from "#deploy/bundle/bundle.ts";
import type { Row, Scenario, Stage } from "../stage.ts";
import { median, signed } from "../stats.ts";

const KB = 1_000;
const PAIRS = 20;
const GOAL_KB = 150;
const INIT_MS = 25;

/** What telemetry adds to the bundle and to init. */
export const size: Scenario = {
  name: "size",
  run: async (stage) => [await bundleSize(stage), await initTime(stage)],
};

async function bundleSize(stage: Stage): Promise<Row> {
  const entries = ["functions/query.ts"];
  const withXray = await bundle(stage.folder("with-xray"), { entries });
  const withTelemetry = await bundle(stage.folder("with-telemetry"), { entries, xray: false });
  const without = await bundle(stage.folder("without"), { entries, telemetry: false });
  const packages = packagesOf(without);
  const heaviest = [...packagesOf(withTelemetry)]
    .filter(([name]) => name !== "" && !packages.has(name))
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, bytes]) => `${name} ${(bytes / KB).toFixed(0)}`);
  const share = (sizeOf(withTelemetry) - sizeOf(without)) / KB;
  const xray = (sizeOf(withXray) - sizeOf(withTelemetry)) / KB;
  return {
    figure: "telemetry's share of the bundle, minified",
    goal: `≤ ${GOAL_KB} KB`,
    measured: `${share.toFixed(1)} KB of ${(sizeOf(withTelemetry) / KB).toFixed(1)} KB; heaviest: ${heaviest.join(", ")}; besides Powertools, loaded only when X-Ray samples: ${xray.toFixed(0)} KB`,
    ok: share <= GOAL_KB,
  };
}

/** From process start until the runtime and the extension wait for their first event. */
async function initTime(stage: Stage): Promise<Row> {
  const collector = await stage.collector();
  const times: Record<"true" | "false", number[]> = { true: [], false: [] };
  for (let pair = 0; pair < PAIRS; pair += 1) {
    for (const enabled of ["true", "false"] as const) {
      const environment = await stage.start({ collector, env: { OTEL_ENABLED: enabled } });
      times[enabled].push(environment.initMs);
      await environment.kill();
    }
  }
  const added = median(times.true.map((ms, pair) => ms - (times.false[pair] ?? Number.NaN)));
  return {
    figure: "telemetry's share of init",
    goal: `≤ ${INIT_MS} ms`,
    measured: `${signed(added)} (${median(times.true).toFixed(0)} against ${median(times.false).toFixed(0)} ms, ${PAIRS} pairs)`,
    ok: added <= INIT_MS,
    timing: true,
  };
}
