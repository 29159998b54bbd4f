import { median, quantile } from "../../lambda/stats.ts";
import type { Bundle } from "./bundles.ts";
import { type Block, type Contender, startContender } from "./contender.ts";
import { type Ratio, ratioOf } from "./ratio.ts";
import type { Services, ServiceTimes } from "./services.ts";

export interface Party {
  name: string;
  bundle: Bundle;
  env: Record<string, string>;
}

export interface Situation {
  name: string;
  concurrency: number;
  /** Whether questions' embeddings are in the cache, where there is one. */
  cached: boolean;
  times: ServiceTimes;
}

/** In the proportions of hosted services, and a quarter of what they take. */
const SERVICE_TIMES: ServiceTimes = { cache: 1, qdrant: 2, embeddings: 30, rerank: 25, chat: 200, telemetry: 5 };

export const SITUATIONS: readonly Situation[] = [
  { name: "services answer at once", concurrency: 1, cached: true, times: {} },
  { name: "services answer at once", concurrency: 8, cached: true, times: {} },
  { name: "services answer at once, no embedding cached", concurrency: 1, cached: false, times: {} },
  { name: "services take their time", concurrency: 8, cached: true, times: SERVICE_TIMES },
];

export interface QueryFigures {
  p50: number;
  p99: number;
  /** CPU milliseconds of a query. */
  cpu: number;
  /** Megabytes (2^20) at the end. */
  rss: number;
  /** Calls of a query, by service. */
  calls: Record<string, number>;
  /** Our p50 and p99, telemetry on, over theirs. */
  ours: { p50: Ratio; p99: Ratio };
}

export interface Queries extends Situation {
  each: number;
  figures: Record<string, QueryFigures>;
}

export interface StartFigures {
  /** Medians of the milliseconds since the process began: the handler is there; the first question is answered. */
  ready: number;
  answered: number;
  ours: { ready: Ratio; answered: Ratio };
}

const WARM_UP_ROUNDS = 4;

/** Every party is asked all questions in every round, one party after the other, another one first each time. */
export async function measureQueries(
  situation: Situation,
  parties: readonly Party[],
  services: Services,
  questions: readonly string[],
  rounds: number,
): Promise<Queries> {
  const { concurrency, cached, times } = situation;
  services.useCache(cached);
  services.answerAfter({});
  const contenders = new Map<string, Contender>();
  const blocks = new Map<string, Block[]>(parties.map(({ name }) => [name, []]));
  const calls = new Map<string, Record<string, number>>();
  try {
    for (const { name, bundle, env } of parties) contenders.set(name, await startContender(bundle.file, env));
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      if (round >= -1) services.answerAfter(times);
      for (const { name } of rotated(parties, round + WARM_UP_ROUNDS)) {
        services.takeCalls();
        const block = await contenders.get(name)?.ask(questions, concurrency);
        if (!block || round < 0) continue;
        blocks.get(name)?.push(block);
        const counted = Object.entries(services.takeCalls());
        calls.set(name, Object.fromEntries(counted.map(([service, count]) => [service, count / questions.length])));
      }
    }
  } finally {
    services.answerAfter({});
    for (const contender of contenders.values()) await contender.stop();
  }
  const latencies = (name: string) => (blocks.get(name) ?? []).map((block) => block.latencies);
  const ours = latencies(parties[0]?.name ?? "");
  const figures = parties.map(({ name }): [string, QueryFigures] => {
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

/** Starts every party again and again, one after the other. */
export async function measureStarts(
  parties: readonly Party[],
  services: Services,
  [question = ""]: readonly string[],
  starts: number,
): Promise<Record<string, StartFigures>> {
  services.useCache(true);
  const ready = new Map<string, number[][]>(parties.map(({ name }) => [name, []]));
  const answered = new Map<string, number[][]>(parties.map(({ name }) => [name, []]));
  for (let start = -1; start < starts; start++) {
    for (const { name, bundle, env } of rotated(parties, start + 1)) {
      const contender = await startContender(bundle.file, env);
      const { answeredMs } = await contender.ask([question], 1);
      await contender.stop();
      if (start < 0) continue;
      ready.get(name)?.push([contender.readyMs]);
      answered.get(name)?.push([answeredMs]);
    }
  }
  const [first = { name: "" }] = parties;
  const compared = (figures: Map<string, number[][]>, name: string) =>
    ratioOf(figures.get(first.name) ?? [], figures.get(name) ?? [], 0.5);
  return Object.fromEntries(
    parties.map(({ name }) => [
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
