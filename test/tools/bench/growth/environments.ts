import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../lambda/environment.ts";
import { httpEvent } from "../../lambda/events.ts";
import { type OtlpCounter, type OtlpCounts, startOtlpCounter } from "../load/otlp-counter.ts";
import { OURS, prepareVariants } from "../telemetry/variants.ts";
import { CHUNKS, CHUNKS_OF_ALL, ENVIRONMENTS } from "./sizes.ts";

const ROUNDS = 6;
const WARM_UP_QUERIES = 30;
/** More at a time would miss Lambda's limit for init. */
const STARTED_AT_ONCE = 5;
const QUERY_TIMEOUT_MS = 60_000;

/** What one round of queries took. */
export interface Round {
  queries: number;
  failed: number;
  /** Of all environments together, in milliseconds. */
  cpuMs: number;
  telemetry: OtlpCounts;
}

export interface Measured {
  /** Number of environments, or of chunks. */
  at: number;
  rounds: Round[];
  /** Peak resident bytes of each environment. */
  memory: number[];
}

export interface Growth {
  environments: Measured[];
  chunks: Measured[];
}

/**
 * Queries to environments of the Lambda simulator: to one for each size of the store, and to the same hundred
 * environments one at a time, ten at a time and all at once, `queriesEach` to each. Concurrency is then all that differs:
 * compiled code is equally old, and metrics about telemetry itself, which leave every 30 s, are equally often sent. All
 * take turns in six rounds.
 */
export async function measureEnvironments(
  questions: readonly string[],
  queriesEach: number,
  progress: (text: string) => void,
): Promise<Growth> {
  progress("filling the stores");
  const variants = await prepareVariants("../growth/seed.ts");
  const counter = await startOtlpCounter();
  const started: Environment[] = [];
  let copies = 0;
  let asked = 0;
  const next = () => questions[asked++ % questions.length] ?? "";

  /** Environments share no disk. */
  async function start(chunks: number): Promise<Environment> {
    const folder = join(variants.dataDir, `copy-${copies++}`);
    cpSync(join(variants.dataDir, String(chunks)), folder, { recursive: true });
    const endpoint = `http://localhost:${counter.port}`;
    const environment = await variants.start(OURS, { RAG_DATA_DIR: folder, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    started.push(environment);
    for (let query = 0; query < WARM_UP_QUERIES; query += 1) await ask(environment, next());
    return environment;
  }

  try {
    progress("starting an environment for each size");
    const bySize: (Measured & { environment: Environment })[] = [];
    for (const at of CHUNKS) bySize.push({ at, environment: await start(at), rounds: [], memory: [] });
    const byCount: Measured[] = [];
    const all: Environment[] = [];
    for (const at of ENVIRONMENTS) {
      progress(`starting ${at} environments`);
      while (all.length < at) {
        const more = Array.from({ length: Math.min(STARTED_AT_ONCE, at - all.length) }, () => start(CHUNKS_OF_ALL));
        all.push(...(await Promise.all(more)));
      }
      byCount.push({ at, rounds: [], memory: all.map(({ peakMemory }) => peakMemory) });
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      progress(`round ${round + 1} of ${ROUNDS}`);
      for (const { environment, rounds } of bySize)
        rounds.push(await measure([environment], 1, queriesEach * all.length, counter, next));
      for (const { at, rounds } of byCount) rounds.push(await measure(all, at, queriesEach, counter, next));
    }
    for (const { environment, memory } of bySize) memory.push(environment.peakMemory);
    return { environments: byCount, chunks: bySize.map(({ environment: _, ...measured }) => measured) };
  } finally {
    await Promise.all(started.map((environment) => environment.kill()));
    counter.close();
    variants.close();
  }
}

/** `queriesEach` queries to each environment, of which `concurrency` are busy at once. */
async function measure(
  environments: readonly Environment[],
  concurrency: number,
  queriesEach: number,
  counter: OtlpCounter,
  next: () => string,
): Promise<Round> {
  const cpuTime = () => environments.reduce((total, environment) => total + environment.cpuTime, 0);
  counter.take();
  const before = cpuTime();
  const waiting = environments.values();
  let failed = 0;
  async function work(): Promise<void> {
    for (const environment of waiting)
      for (let query = 0; query < queriesEach; query += 1) if (!(await ask(environment, next()))) failed += 1;
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  const queries = environments.length * queriesEach;
  return { queries, failed, cpuMs: cpuTime() - before, telemetry: counter.take() };
}

/** @returns whether the question was answered, once the environment is frozen again */
async function ask(environment: Environment, question: string): Promise<boolean> {
  const event = httpEvent("POST", "/query", { question });
  const { body, settled } = await environment.invoke(event, { timeoutMs: QUERY_TIMEOUT_MS });
  await settled;
  return (body as { statusCode?: number } | undefined)?.statusCode === 200;
}
