import { median } from "../../lambda/stats.ts";
import { type Goal, range, short } from "../goals.ts";
import { bootstrap, type Estimate } from "../statistics/interval.ts";
import type { CollectorUse } from "./collector.ts";
import type { Growth, Measured, Round } from "./environments.ts";
import { type Needs, type Point, predict, type Use } from "./model.ts";
import type { Panel } from "./plot.ts";
import { CHUNKS_OF_ALL } from "./sizes.ts";

export interface Results extends Growth {
  collectors: CollectorUse[];
}

type Figure = (rounds: readonly Round[]) => number;

const perQuery =
  (of: (round: Round) => number): Figure =>
  (rounds) =>
    rounds.reduce((sum, round) => sum + of(round), 0) / rounds.reduce((sum, { queries }) => sum + queries, 0);
const cpu = perQuery(({ cpuMs }) => cpuMs);
const traces = perQuery(({ telemetry }) => telemetry.traces.bytes);
const metrics = perQuery(({ telemetry }) => telemetry.metrics.bytes);
const telemetry: Figure = (rounds) => traces(rounds) + metrics(rounds);
const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

export function rowsOf(measured: readonly Measured[], what: string): object[] {
  return measured.map(({ at, rounds, memory }) => ({
    [what]: at,
    queries: sumOf(rounds.map(({ queries }) => queries)),
    "CPU/query, ms": short(cpu(rounds)),
    "95 % interval": range(bootstrap(rounds, cpu)),
    "memory each, MB": short(median(memory) / 1e6),
    "traces/query, B": Math.round(traces(rounds)),
    "metrics/query, B": Math.round(metrics(rounds)),
  }));
}

export function collectorRowsOf(collectors: readonly CollectorUse[]): object[] {
  return collectors.map(({ environments, queries, rate, cpuMs, idleMemory, peakMemory, series, traceBytes }) => ({
    environments,
    queries,
    "queries/s": short(rate),
    "CPU/query, ms": short(cpuMs / queries),
    "idle, MB": short(idleMemory / 1e6),
    "peak, MB": short(peakMemory / 1e6),
    series,
    "traces sent on/query, B": Math.round(traceBytes / queries),
  }));
}

/** The use that the model computes with: of an environment that is always busy, and of the collector with the most. */
export function useOf({ chunks, collectors }: Results): Use {
  const rounds = chunks.find(({ at }) => at === CHUNKS_OF_ALL)?.rounds ?? [];
  const last = collectors.at(-1);
  if (!last) throw new Error("the collector was not measured");
  return {
    cpuMs: cpu(rounds),
    traceBytes: traces(rounds),
    metricBytes: metrics(rounds),
    collector: {
      cpuMs: last.cpuMs / last.queries,
      idleMemory: last.idleMemory,
      memoryPerRate: (last.peakMemory - last.idleMemory) / last.rate,
      series: last.series,
    },
  };
}

/** The largest number of environments as predicted from the smaller ones. */
export function predictionsOf({ environments, collectors }: Results): object[] {
  const figures: [string, "never" | "with environments", Point[]][] = [
    ["CPU/query, ms", "never", environments.map(({ at, rounds }) => ({ environments: at, value: cpu(rounds) }))],
    [
      "telemetry/query, B",
      "never",
      environments.map(({ at, rounds }) => ({ environments: at, value: telemetry(rounds) })),
    ],
    [
      "memory of all, MB",
      "with environments",
      environments.map(({ at, memory }) => ({ environments: at, value: sumOf(memory) / 1e6 })),
    ],
    ["collector CPU/query, ms", "never", collectors.map(collectorPoint(({ cpuMs, queries }) => cpuMs / queries))],
    ["collector memory, MB", "never", collectors.map(collectorPoint(({ peakMemory }) => peakMemory / 1e6))],
    ["series", "never", collectors.map(collectorPoint(({ series }) => series))],
  ];
  return figures.flatMap(([figure, grows, points]) => {
    const last = points.at(-1);
    if (!last) return [];
    const { predicted, error } = predict(points.slice(0, -1), last, grows);
    return {
      figure,
      grows,
      [`predicted at ${last.environments}`]: short(predicted),
      measured: short(last.value),
      error: `${(error * 100).toFixed(1)} %`,
    };
  });
}

const collectorPoint =
  (of: (use: CollectorUse) => number) =>
  (use: CollectorUse): Point => ({ environments: use.environments, value: of(use) });

export function needsRow(what: string, needs: Needs): object {
  return {
    queries: what,
    "environments, mean (peak)": `${short(needs.environments.mean)} (${Math.ceil(needs.environments.peak)})`,
    "billed, ms": short(needs.billedMs),
    "GB-s/h": Math.round(needs.gbSeconds),
    "telemetry, MB/s": short(needs.telemetry / 1e6),
    "collector, cores": short(needs.collectorCores),
    "collector, MB": Math.round(needs.collectorMemory / 1e6),
    series: needs.series,
    "$/h": needs.usd.total.toFixed(2),
    "of it compute, transfer": `${needs.usd.compute.toFixed(2)}, ${needs.usd.transfer.toFixed(2)}`,
  };
}

export function goalsOf({ environments, chunks, collectors }: Results): Goal[] {
  const [one, many] = [environments.at(0), environments.at(-1)];
  const [few, most] = [collectors.at(0), collectors.at(-1)];
  const failed = sumOf([...environments, ...chunks].flatMap(({ rounds }) => rounds.map((round) => round.failed)));
  const over = (figure: Figure) => figure(many?.rounds ?? []) / figure(one?.rounds ?? []);
  return [
    { figure: "failed queries", goal: 0, measured: exactly(failed) },
    { figure: "telemetry per query, most environments over one", goal: 1.01, measured: exactly(over(telemetry)) },
    {
      figure: "memory of an environment, most over one",
      goal: 1.1,
      measured: exactly(median(many?.memory ?? []) / median(one?.memory ?? [])),
    },
    {
      figure: "series, most environments over one",
      goal: 1,
      measured: exactly((most?.series ?? Number.NaN) / (few?.series ?? Number.NaN)),
    },
  ];
}

const exactly = (value: number): Estimate => ({ value, low: value, high: value });

export function panelsOf({ environments, chunks, collectors }: Results): Panel[] {
  const values = (measured: readonly Measured[], figure: Figure) => measured.map(({ rounds }) => figure(rounds));
  return [
    {
      title: "concurrent environments",
      ticks: environments.map(({ at }) => String(at)),
      lines: [
        { name: "memory of all environments", colour: "red", values: environments.map(({ memory }) => sumOf(memory)) },
        { name: "CPU per query", colour: "orange", values: values(environments, cpu) },
        { name: "telemetry bytes per query", colour: "green", values: values(environments, telemetry) },
        {
          name: "collector's CPU per query",
          colour: "purple",
          values: collectors.map(({ cpuMs, queries }) => cpuMs / queries),
        },
        { name: "series in Prometheus", colour: "blue", values: collectors.map(({ series }) => series) },
      ],
    },
    {
      title: "chunks in the embedded store",
      ticks: chunks.map(({ at }) => at.toLocaleString("en")),
      lines: [
        { name: "memory of an environment", colour: "red", values: chunks.map(({ memory }) => median(memory)) },
        { name: "CPU per query", colour: "orange", values: values(chunks, cpu) },
        { name: "telemetry bytes per query", colour: "green", values: values(chunks, telemetry) },
      ],
    },
  ];
}
