import { setTimeout as delay } from "node:timers/promises";
import { Environment } from "../../stack/_fleet.ts";
import type { Script } from "../../stack/_scripted-ports.ts";
import { gaussians, seeded } from "../bench/statistics/random.ts";

const PER_SECOND = 3;
const FLUSH_EVERY_MS = 2_000;
/** Lifetime of an environment before another replaces it. */
const LIFETIME_MS = 75_000;
const TOKENS = { embedding: 9, prompt: 900, completion: 120 };

/**
 * Simulates load from environments that start and stop: a temporary outage of the reranker, and later throttling by the
 * model provider.
 *
 * @param endpoint Base URL of the collector.
 */
export async function runLoad(durationMs: number, endpoint: string): Promise<void> {
  const random = seeded(8);
  const started = performance.now();
  const asked: Promise<unknown>[] = [];
  let environments = [...Array(3).keys()].map(() => start(endpoint));
  let turn = 0;
  for (;;) {
    const progress = (performance.now() - started) / durationMs;
    if (progress >= 1) break;
    const old = environments.filter(({ bornAt }) => performance.now() - bornAt > LIFETIME_MS * (0.6 + 0.8 * random()));
    if (old[0]) {
      const [leaving] = old;
      environments = [...environments.filter((environment) => environment !== leaving), start(endpoint)];
      asked.push(leaving.end());
    }
    const environment = environments[turn++ % environments.length];
    if (environment) asked.push(environment.ask(scriptAt(progress, random)));
    await delay((1_000 / (PER_SECOND * (0.7 + 0.6 * Math.sin(progress * 7) ** 2))) * (0.5 + random()));
  }
  await Promise.all(asked);
  await Promise.all(environments.map((environment) => environment.end()));
}

/** Starts an environment that exports its telemetry periodically. */
function start(endpoint: string) {
  const environment = new Environment({ endpoint, stage: "prod", functionName: "edge-rag-prod-query" });
  const timer = setInterval(() => void environment.flush(), FLUSH_EVERY_MS);
  return {
    bornAt: performance.now(),
    ask: (script: Script) => environment.ask(script),
    async end() {
      // Lets pending questions complete.
      await delay(3_000);
      clearInterval(timer);
      await environment.end();
    },
  };
}

/** The script of a question at a `progress` in [0, 1] of the load. */
function scriptAt(progress: number, random: () => number): Script {
  const cacheHit = random() < 0.35 + 0.35 * progress;
  // Log-normal, as generation times are: a median of 0.6 s, one in twenty over 2 s.
  const generatorMs = 600 * Math.exp(0.7 * gaussians(random)());
  const script: Script = {
    tokens: TOKENS,
    cacheHit,
    generatorMs,
    stageMs: {
      embedding: cacheHit ? 2 : 60 + 60 * random(),
      vector_search: 12 + 12 * random(),
      rerank: 70 + 60 * random(),
    },
    ...(random() < 0.4 && { stream: "read" as const }),
  };
  const luck = random();
  if (progress > 0.35 && progress < 0.48 && luck < 0.6) return { ...script, fail: "rerank" };
  if (progress > 0.68 && progress < 0.8 && luck < 0.3) {
    return { ...script, generatorMs: 40, fail: "llm_generation", code: "rate_limit_exceeded" };
  }
  if (luck < 0.05) return { ...script, scores: [], generatorMs: 5 };
  return luck < 0.06 ? { invalid: true } : script;
}
