import { type ContenderProcess, startContender } from "../frameworks/contender.ts";
import type { Contender } from "../frameworks/measure.ts";
import type { Services } from "../frameworks/services.ts";
import { drawTimes } from "./latencies.ts";

/** Milliseconds until the first piece of the text, by contender. */
export type Round = Readonly<Record<string, readonly number[]>>;

/** How many questions are asked at a time: little enough that none waits for the processor. */
const CONCURRENCY = 8;
const WARM_UP_ROUNDS = 2;

/**
 * Sends all questions to every contender in every round, one contender after the other in rotating order. In a round the
 * nth request of a service takes the same time for each.
 *
 * @param onMeasured called when the warm-up is over
 */
export async function measureRounds(
  contenders: readonly Contender[],
  services: Services,
  questions: readonly string[],
  rounds: number,
  onMeasured: () => void,
): Promise<Round[]> {
  const processes = new Map<string, ContenderProcess>();
  const measured: Round[] = [];
  try {
    for (const { name, bundle, env } of contenders) processes.set(name, await startContender(bundle.file, env));
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      if (round === 0) onMeasured();
      const latencies: Record<string, readonly number[]> = {};
      for (const { name } of rotated(contenders, round + WARM_UP_ROUNDS)) {
        services.setTimes(round < 0 ? {} : drawTimes(round + 1));
        const block = await processes.get(name)?.ask(questions, CONCURRENCY, { streamed: true });
        latencies[name] = block?.latencies ?? [];
      }
      if (round >= 0) measured.push(latencies);
    }
    return measured;
  } finally {
    services.setTimes({});
    for (const contender of processes.values()) await contender.stop();
  }
}

/** Starts every contender `starts` times and asks each process one question; the time is from the start of the process. */
export async function measureStarts(
  contenders: readonly Contender[],
  services: Services,
  question: string,
  starts: number,
): Promise<Round[]> {
  const measured: Round[] = [];
  for (let start = -1; start < starts; start += 1) {
    const latencies: Record<string, readonly number[]> = {};
    for (const { name, bundle, env } of rotated(contenders, start + 1)) {
      services.setTimes(start < 0 ? {} : drawTimes(start + 1));
      const contender = await startContender(bundle.file, env);
      try {
        const block = await contender.ask([question], 1, { streamed: true });
        latencies[name] = block.latencies.map((ms) => contender.readyMs + ms);
      } finally {
        await contender.stop();
      }
    }
    if (start >= 0) measured.push(latencies);
  }
  services.setTimes({});
  return measured;
}

function rotated<T>(values: readonly T[], by: number): T[] {
  return values.map((_, index) => values[(index + by) % values.length] as T);
}
