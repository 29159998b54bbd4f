import { quantile } from "../../lambda/stats.ts";
import { type Goal, growthOf, type Measured, vectorBytes } from "./goals.ts";
import type { QueryTime, RealIngest } from "./messages.ts";

const MEGABYTE = 1e6;

/** In milliseconds, megabytes (10^6 bytes) and chunks per second. */
export function figuresOf(measured: Measured): Record<string, string | number> {
  const { system, ingested, ingestMemory, queries, queryMemory, recall, disk } = measured;
  const ms = (share: number, kind: "all" | "filtered", what: keyof QueryTime = "total") =>
    quantile(
      queries.map((queried) => queried[kind][what]),
      share,
    );
  return {
    store: system,
    chunks: ingested.chunks,
    "p50 ms": ms(0.5, "all"),
    "p95 ms": ms(0.95, "all"),
    "filtered p50": ms(0.5, "filtered"),
    "filtered p95": ms(0.95, "filtered"),
    "search p95": ms(0.95, "all", "search"),
    "CPU p95": ms(0.95, "all", "cpu"),
    "vectors MB": vectorBytes(measured) / MEGABYTE,
    // A service's memory and files are outside this process.
    ...(system === "sqlite" && { "memory MB": growthOf(queryMemory) / MEGABYTE }),
    ...(recall !== undefined && { "recall@10": recall }),
    ...(disk !== undefined && { "disk MB": disk / MEGABYTE }),
    "ingested/s": ingested.chunks / ingested.seconds,
    "ingest memory MB": growthOf(ingestMemory) / MEGABYTE,
  };
}

export function ingestFiguresOf(ingest: RealIngest): Record<string, number> {
  return {
    workers: ingest.workers,
    chunks: ingest.chunks,
    "chunks/s": ingest.chunks / ingest.seconds,
    "memory MB": growthOf(ingest.memory) / MEGABYTE,
  };
}

export function goalLine({ name, limit, measured, interval, met }: Goal): string {
  const between = interval ? ` (95 %: ${interval.map(short).join(" to ")})` : "";
  return `${met ? "met   " : "missed"} ${name}: ${short(measured)}${between}, goal at most ${short(limit)}`;
}

/** Formats records with the same keys as aligned columns. */
export function tableOf(records: readonly Record<string, string | number>[]): string {
  const keys = Array.from(new Set(records.flatMap(Object.keys)));
  const rows = [keys, ...records.map((record) => keys.map((key) => short(record[key] ?? "")))];
  const widths = keys.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")).join("\n");
}

const short = (value: string | number) =>
  typeof value === "string" ? value : String(value >= 1_000 ? Math.round(value) : Number(value.toPrecision(3)));
