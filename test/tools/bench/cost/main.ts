/**
 * `npm run bench -- cost [--rounds 200] [--memory 512] [--query-ms MS] [--json]`: what telemetry costs per million
 * queries, from the bytes and time that the bundled query function spends on it in the Lambda simulator. `--query-ms`
 * replaces the measured query time, which includes no calls to services, by yours. Exits with 1 when a goal is missed.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { RUNTIME_CLIENT } from "../../lambda/environment.ts";
import { Stage } from "../../lambda/stage.ts";
import {
  atShare,
  breakEvenMs,
  type Cost,
  type LambdaFunction,
  layerCost,
  queriesCost,
  telemetryCost,
} from "./arithmetic.ts";
import { COLD_STARTS, COLLECTOR_LAYER } from "./cited.ts";
import { type ArmFigures, type ArmName, measureInit, measureQueries } from "./measure.ts";
import { PRICES } from "./prices.ts";
import { type CostFigures, costTable } from "./table.ts";

const SHARES = [1, 0.1, 0.01];
const INIT_PAIRS = 15;
const RATES = {
  compute: PRICES.compute.usd,
  invocations: PRICES.invocations.usd,
  transfer: PRICES.transfer.usd,
};

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    rounds: { type: "string", default: "200" },
    memory: { type: "string", default: "512" },
    "query-ms": { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, memoryMb] = [Number(values.rounds), Number(values.memory)];
if (!(rounds >= 1 && memoryMb >= 128)) throw new Error("--rounds must be above 0, --memory at least 128");
if (!existsSync(RUNTIME_CLIENT)) {
  throw new Error("the Lambda runtime client is not installed: run node test/tools/lambda/setup.ts");
}

const stage = new Stage();
try {
  await stage.prepare();
  const arms = await measureQueries(stage, rounds);
  await stage.clear("cost");
  const initMs = await measureInit(stage, INIT_PAIRS);
  const figures = figuresOf(arms, initMs);
  console.log(values.json ? JSON.stringify(figures) : costTable(figures).join("\n"));
  if (figures.missed.length > 0) process.exitCode = 1;
} finally {
  await stage.clear("interrupted");
  stage.close();
}

function figuresOf(arms: Record<ArmName, ArmFigures>, initMs: number): CostFigures {
  const of: LambdaFunction = {
    memoryMb,
    queryMs: Number(values["query-ms"] ?? arms.off.billedMs),
    coldShare: COLD_STARTS.value,
  };
  const shares = SHARES.map((share) => {
    const json = atShare(share, perQuery(arms.json), perQuery(arms.json_untraced));
    const gzip = atShare(share, perQuery(arms.gzip), perQuery(arms.gzip_untraced));
    const withLayer = (layer: { memoryMb: number; initMs: number }, to = of): Cost =>
      layerCost(json, gzip.bytes, initMs, layer, to, RATES);
    const own = telemetryCost(gzip, initMs, of, RATES);
    const layer = { memoryMb: COLLECTOR_LAYER.memory.value, initMs: COLLECTOR_LAYER.init.value };
    return {
      share,
      json: telemetryCost(json, initMs, of, RATES),
      gzip: own,
      layer: withLayer(layer),
      layer_spare: withLayer({ ...layer, memoryMb: 0 }),
      break_even_ms: breakEvenMs(own, withLayer(layer), of, RATES),
      break_even_ms_of_a_second: breakEvenMs(own, withLayer(layer, { ...of, queryMs: 1_000 }), of, RATES),
    };
  });
  const missed = shares
    .filter(({ gzip, layer }) => !(gzip.total < layer.total))
    .map(({ share }) => `at ${share * 100} % telemetry costs less than with a layer`);
  return {
    rounds,
    function: of,
    rates: RATES,
    init_ms: initMs,
    arms,
    queries_usd: queriesCost(of, RATES),
    shares,
    missed,
  };
}

function perQuery({ addedMs, traceBytes, metricBytes, headerBytes }: ArmFigures) {
  return { billedMs: addedMs, bytes: traceBytes + metricBytes + headerBytes };
}
