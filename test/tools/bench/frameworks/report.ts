import { cpus, loadavg } from "node:os";
import type { Queries, StartFigures } from "./measure.ts";
import type { Ratio } from "./ratio.ts";

interface Size {
  bytes: number;
  zipped: number;
}

export interface Report {
  node: string;
  versions: Record<string, string>;
  chunks: number;
  questions: number;
  bundles: Record<string, Size>;
  /** With esbuild's defaults. */
  plainBundles: Record<string, Size>;
  queries: Queries[];
  starts: Record<string, StartFigures>;
}

const OURS = "Edge RAG";

/** @returns one sentence per figure in which this project, telemetry on, is not ahead of a framework */
export function missedGoals({ bundles, queries, starts }: Report): string[] {
  const missed: string[] = [];
  const behind = (what: string, name: string, { ratio }: Pick<Ratio, "ratio">) => {
    if (!(ratio < 1)) missed.push(`${what}: ${ratio.toFixed(2)} × that of ${name}, goal below 1`);
  };
  for (const { name: situation, concurrency, figures } of queries) {
    for (const [name, { ours }] of frameworksOf(figures)) {
      behind(`p50, ${situation}, concurrency ${concurrency}`, name, ours.p50);
      behind(`p99, ${situation}, concurrency ${concurrency}`, name, ours.p99);
    }
  }
  for (const [name, { ours }] of frameworksOf(starts)) {
    behind("init", name, ours.ready);
    behind("first answer", name, ours.answered);
  }
  for (const [name, { bytes, zipped }] of frameworksOf(bundles)) {
    behind("bundle, minified", name, { ratio: (bundles[OURS]?.bytes ?? Number.NaN) / bytes });
    behind("bundle, zipped", name, { ratio: (bundles[OURS]?.zipped ?? Number.NaN) / zipped });
  }
  return missed;
}

export function printReport(report: Report, missed: readonly string[]): void {
  const { node, versions, chunks, questions, bundles, plainBundles, queries, starts } = report;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `${process.platform} ${process.arch}, ${cpus().length} cores, load ${load}, Node.js ${node}; ${packages.join(", ")}`,
  );
  console.log(
    `${chunks} chunks, ${questions} questions. Edge RAG traces every query; the frameworks have no telemetry.`,
  );
  for (const { name, concurrency, each, figures } of queries) {
    console.log(
      `\n${name}, concurrency ${concurrency}, ${each} queries each: milliseconds; goal: "ours / theirs" below 1`,
    );
    const rows = Object.entries(figures).map(([contender, { p50, p99, cpu, rss, calls, ours }]) => [
      contender,
      {
        p50: round(p50),
        p99: round(p99),
        "ours / theirs p50": ratio(ours.p50),
        "ours / theirs p99": ratio(ours.p99),
        "CPU per query": round(cpu),
        "RSS MB": Math.round(rss),
        calls: Object.entries(calls)
          .map(([service, count]) => `${service} ${round(count)}`)
          .join(", "),
      },
    ]);
    console.table(Object.fromEntries(rows));
  }
  console.log("\nstart and size: milliseconds since process start, and KB");
  const rows = Object.entries(starts).map(([contender, { ready, answered, ours }]) => [
    contender,
    {
      init: round(ready),
      "first answer": round(answered),
      "ours / theirs init": ratio(ours.ready),
      "ours / theirs first answer": ratio(ours.answered),
      minified: kb(bundles[contender]?.bytes),
      zipped: kb(bundles[contender]?.zipped),
      "plain, minified": kb(plainBundles[contender]?.bytes),
      "plain, zipped": kb(plainBundles[contender]?.zipped),
    },
  ]);
  console.table(Object.fromEntries(rows));
  console.log(missed.length > 0 ? missed.map((goal) => `missed: ${goal}`).join("\n") : "all goals met");
}

function frameworksOf<T>(figures: Record<string, T>): [name: string, figures: T][] {
  return Object.entries(figures).filter(([name]) => !name.startsWith(OURS));
}

const round = (value: number) => Number(value.toPrecision(3));
const ratio = ({ ratio, interval: [low, high] }: Ratio) =>
  `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
const kb = (bytes: number | undefined) => (bytes === undefined ? "" : Math.round(bytes / 1_000));
