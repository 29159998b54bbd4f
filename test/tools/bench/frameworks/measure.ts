import { median, quantile } from "../../lambda/stats.ts";
import type { Bundle } from "./bundles.ts";
import { type Block, type ContenderProcess, startContender } from "./contender.ts";
import { type Ratio, ratioOf } from "./ratio.ts";
import type { Services, ServiceTimes } from "./services.ts";

export interface Contender {
  name: string;
  bundle: Bundle;
  env: Record<string, string>;
}

export interface Situation {
  name: string;
  concurrency: number;
  /** Whether the questions' embeddings are cached, by contenders with a cache. */
  cached: boolean;
  times: ServiceTimes;
}

/** A quarter of the times of hosted services. */
const SERVICE_TIMES: ServiceTimes = { cache: 1, qdrant: 2, embeddings: 30, rerank: 25, chat: 200, telemetry: 5 };

export const SITUATIONS: readonly Situation[] = [
  { name: "no service latency", concurrency: 1, cached: true, times: {} },
  { name: "no service latency", concurrency: 8, cached: true, times: {} },
  { name: "no service latency, no embedding cached", concurrency: 1, cached: false, times: {} },
  { name: "with service latency", concurrency: 8, cached: true, times: SERVICE_TIMES },
];

export interface QueryFigures {
  p50: number;
  p99: number;
  /** CPU milliseconds per query. */
  cpu: number;
  /** Resident megabytes (2^20) at the end. */
  rss: number;
  /** Calls per query, by service. */
  calls: Record<string, number>;
  /** Our p50 and p99, telemetry on, over theirs. */
  ours: { p50: Ratio; p99: Ratio };
}

export interface Queries extends Situation {
  each: number;
  figures: Record<string, QueryFigures>;
}

export interface StartFigures {
  /** Median milliseconds from process start until the handler is loaded. */
  ready: number;
  /** Median milliseconds from process start until the first response. */
  answered: number;
  ours: { ready: Ratio; answered: Ratio };
}

const WARM_UP_ROUNDS = 4;

/** Sends all questions to every contender in every round, one contender after the other in rotating order. */
export async function measureQueries(
  situation: Situation,
  contenders: readonly Contender[],
  services: Services,
  questions: readonly string[],
  rounds: number,
): Promise<Queries> {
  const { concurrency, cached, times } = situation;
  services.useCache(cached ? 1 : 0);
  services.setTimes({});
  const processes = new Map<string, ContenderProcess>();
  const blocks = new Map<string, Block[]>(contenders.map(({ name }) => [name, []]));
  const calls = new Map<string, Record<string, number>>();
  try {
    for (const { name, bundle, env } of contenders) processes.set(name, await startContender(bundle.file, env));
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      if (round >= -1) services.setTimes(times);
      for (const { name } of rotated(contenders, round + WARM_UP_ROUNDS)) {
        services.takeCalls();
        const block = await processes.get(name)?.ask(questions, concurrency);
        if (!block || round < 0) continue;
        blocks.get(name)?.push(block);
        const counted = Object.entries(services.takeCalls());
        calls.set(name, Object.fromEntries(counted.map(([service, count]) => [service, count / questions.length])));
      }
    }
  } finally {
    services.setTimes({});
    for (const contender of processes.values()) await contender.stop();
  }
  const latencies = (name: string) => (blocks.get(name) ?? []).map((block) => block.latencies);
  const ours = latencies(contenders[0]?.name ?? "");
  const figures = contenders.map(({ name }): [string, QueryFigures] => {
    const all = latencies(name).flat();
    const measured = blocks.get(name) ?? [];
    return [
      name,
      {
        p50: median(all),
        p99: quantile(all, 0.99),
        cpu: measured.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / all.length,
        rss: (measured.at(-1)?.rss ?? Number.NaN) / 2 ** 20,
        calls: calls.get(name) ?? {},
        ours: { p50: ratioOf(ours, latencies(name), 0.5), p99: ratioOf(ours, latencies(name), 0.99) },
      },
    ];
  });
  return { ...situation, each: rounds * questions.length, figures: Object.fromEntries(figures) };
}

/** Starts every contender `starts` times, one after the other in rotating order. */
export async function measureStarts(
  contenders: readonly Contender[],
  services: Services,
  [question = ""]: readonly string[],
  starts: number,
): Promise<Record<string, StartFigures>> {
  services.useCache(1);
  const ready = new Map<string, number[][]>(contenders.map(({ name }) => [name, []]));
  const answered = new Map<string, number[][]>(contenders.map(({ name }) => [name, []]));
  for (let start = -1; start < starts; start++) {
    for (const { name, bundle, env } of rotated(contenders, start + 1)) {
      const contender = await startContender(bundle.file, env);
      const { answeredMs } = await contender.ask([question], 1);
      await contender.stop();
      if (start < 0) continue;
      ready.get(name)?.push([contender.readyMs]);
      answered.get(name)?.push([answeredMs]);
    }
  }
  const [first = { name: "" }] = contenders;
  const compared = (figures: Map<string, number[][]>, name: string) =>
    ratioOf(figures.get(first.name) ?? [], figures.get(name) ?? [], 0.5);
  return Object.fromEntries(
    contenders.map(({ name }) => [
      name,
      {
        ready: median((ready.get(name) ?? []).flat()),
        answered: median((answered.get(name) ?? []).flat()),
        ours: { ready: compared(ready, name), answered: compared(answered, name) },
      },
    ]),
  );
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
