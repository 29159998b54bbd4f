import type { ServiceName, ServiceTimes } from "../frameworks/services.ts";
import { gaussians, seeded } from "../statistics/random.ts";

/** Milliseconds of a service in the same region: the median, and the 95th percentile. */
export type Latency = readonly [p50: number, p95: number];

/**
 * What hosted services take, without the time to connect. None publishes its distribution; these are rounded from:
 * - chat, until the first piece of the text: 0.8 s on average for gpt-4.1-mini and gpt-5-mini
 *   (https://rewards-assistant-docs.fetchrewards.com/_synced/consumer-agent/experiments/landing-page-latency-optimization/)
 * - rerank: 0.14 s for 48 passages (https://docs.oracle.com/en-us/iaas/Content/generative-ai/benchmark-cohere-rerank-3-5.htm);
 *   a third of the requests over 150 ms, and a seventh over 500
 *   (https://www.zeroentropy.dev/articles/latency-performance-assessment-of-zerank-2)
 * - cache: below 1 ms in the region, and 1 to 2 ms for HTTP (https://toolstac.com/tool/upstash-redis/overview)
 * - embeddings, qdrant: four times what `peers` has, which are a quarter of those of hosted services
 */
export const LATENCIES: Readonly<Record<ServiceName, Latency>> = {
  cache: [3, 10],
  embeddings: [120, 350],
  qdrant: [8, 25],
  rerank: [140, 500],
  chat: [700, 1_500],
  telemetry: [20, 60],
};

/** Milliseconds to connect: DNS, and three round trips of 8 ms for TCP, TLS 1.3 and its ticket. */
export const CONNECT_MS = 30;
/** Eighty tokens a second. */
export const EVENT_MS = 12;

/** The standard normal distribution's 95th percentile. */
const Z95 = 1.645;

/** Latencies with log-normal distributions. With the same seed, the nth request of a service takes the same time. */
export function drawTimes(seed: number): ServiceTimes {
  const draws = Object.entries(LATENCIES).map(([name, [p50, p95]], index): [string, () => number] => {
    const gaussian = gaussians(seeded(seed * 100 + index));
    const sigma = Math.log(p95 / p50) / Z95;
    return [name, () => p50 * Math.exp(sigma * gaussian())];
  });
  return Object.fromEntries(draws);
}
