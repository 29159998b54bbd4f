import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { getMeter } from "#telemetry/index.ts";
import { createJudgeMetrics } from "#telemetry/judge-metrics.ts";
import { SELF_NAMES } from "#telemetry/metrics.ts";
import { createShadowMetrics } from "#telemetry/shadow-metrics.ts";
import { type MetricsPayload, metricsOf } from "../support/otlp.ts";
import { type Asked, Environment } from "./_fleet.ts";
import { ENVIRONMENTS, GROUPS, JUDGED, ORDINARY, RATINGS, SHADOWED } from "./_groups.ts";
import { CHAT_MODEL } from "./_scripted-ports.ts";
import { eventually } from "./_stack.ts";
import { spansOf } from "./_truth.ts";

const PROD = { stage: "prod", functionName: "edge-rag-prod-query", evaluates: true };

/** Everything that the load did: the ground truth for what the stack reports. */
export interface Load {
  readonly asked: readonly Asked[];
  /** Spans dropped on purpose, included in those of `asked`. */
  readonly dropped: number;
  /** Spans retained on purpose. */
  readonly retained: number;
  /** Data points exported up to the last self-metrics. */
  readonly points: number;
  /** Queue messages to the stage "prod" by outcome; each is a trace of one span. */
  readonly messages: { taken: number; refused: number };
  /** Answers of the stage "prod" that were rated negative. */
  readonly ratedNegative: readonly Asked[];
  /** Questions to the stage "staging", all of which fail in `vector_search`. */
  readonly staging: readonly Asked[];
}

/**
 * Runs all groups of questions from environments of the stage "prod", one question whose trace is retained, one whose
 * trace is dropped, some queue messages and ratings, and five questions from the stage "staging".
 */
export async function runLoad(endpoint: string): Promise<Load> {
  const scripts = GROUPS.flatMap(([count, script]) => Array.from({ length: count }, () => script));
  const work = Array.from({ length: ENVIRONMENTS }, async (_, index) => {
    const environment = new Environment({ endpoint, ...PROD });
    const mine = scripts.filter((_script, number) => number % ENVIRONMENTS === index);
    const asked: Asked[] = [];
    // Few at a time: waiting for the event loop would count as slow.
    for (let first = 0; first < mine.length; first += 2) {
      asked.push(...(await Promise.all(mine.slice(first, first + 2).map((script) => environment.ask(script)))));
      await environment.flush();
    }
    return { asked, points: await end(environment, spansOf(asked)) };
  });
  const ordinary = await Promise.all(work);
  const troubled = await askThroughFaultyProxy(endpoint);
  const queue = await takeMessages(endpoint);
  const ratings = await rateAnswers(
    endpoint,
    ordinary.flatMap(({ asked }) => asked),
  );
  const judged = await recordJudge(endpoint);
  const shadowed = await recordShadow(endpoint);

  const environment = new Environment({ endpoint, stage: "staging", functionName: "edge-rag-staging-query" });
  const staging: Asked[] = [];
  for (let i = 0; i < 5; i++) staging.push(await environment.ask({ fail: "vector_search" }));
  await environment.end();

  return {
    asked: [...ordinary.flatMap(({ asked }) => asked), ...troubled.asked],
    dropped: troubled.dropped,
    retained: troubled.retained,
    points: ordinary.reduce(
      (sum, { points }) => sum + points,
      troubled.points + queue.points + ratings.points + judged.points + shadowed.points,
    ),
    messages: queue.messages,
    ratedNegative: ratings.negative,
    staging,
  };
}

/** Self-metrics are exported with the following flush. @returns the data points that they report */
async function end(environment: Environment, spans: number): Promise<number> {
  const { exported } = environment.telemetry.state();
  await environment.flush();
  await environment.end();
  return exported - spans;
}

async function takeMessages(endpoint: string) {
  const environment = new Environment({ endpoint, ...PROD });
  const messages = { taken: 5, refused: 2 };
  for (let i = 0; i < messages.taken; i++) await environment.take("taken");
  for (let i = 0; i < messages.refused; i++) await environment.take("refused");
  await environment.flush();
  return { messages, points: await end(environment, messages.taken + messages.refused) };
}

/** Rates answers; each rating is a trace of one span. */
async function rateAnswers(endpoint: string, asked: readonly Asked[]) {
  const environment = new Environment({ endpoint, ...PROD });
  const answered = asked.filter(({ status }) => status === 200);
  const positive = answered.slice(0, RATINGS.positive);
  const negative = answered.slice(RATINGS.positive, RATINGS.positive + RATINGS.negative);
  for (const { traceId } of positive) await environment.rate(traceId, "positive");
  for (const { traceId } of negative) await environment.rate(traceId, "negative");
  for (const { traceId } of negative.slice(0, RATINGS.replayed)) await environment.rate(traceId, "replayed");
  await environment.flush();
  const spans = RATINGS.positive + RATINGS.negative + RATINGS.replayed;
  return { negative, points: await end(environment, spans) };
}

/** Records what a judge would say: with the meter that the only environment of a process provides. */
async function recordJudge(endpoint: string) {
  const environment = new Environment({ endpoint, ...PROD });
  const metrics = createJudgeMetrics(getMeter("edge-rag"));
  for (const [evaluation, scores] of Object.entries(JUDGED.scores)) {
    for (const score of scores) metrics.scores.record(score, { evaluation });
  }
  for (const [outcome, count] of Object.entries(JUDGED.runs)) metrics.runs.add(count, { outcome });
  for (const [type, tokens] of Object.entries(JUDGED.tokens)) metrics.tokens.add(tokens, { type, model: CHAT_MODEL });
  metrics.cost.add(JUDGED.usd, { model: CHAT_MODEL });
  await environment.flush();
  return { points: await end(environment, 0) };
}

/** Records what a shadow would, likewise. */
async function recordShadow(endpoint: string) {
  const environment = new Environment({ endpoint, ...PROD });
  const metrics = createShadowMetrics(getMeter("edge-rag"));
  for (const [configuration, scores] of Object.entries(SHADOWED.groundedness)) {
    for (const score of scores) metrics.groundedness.record(score, { configuration });
  }
  for (const [outcome, count] of Object.entries(SHADOWED.runs)) metrics.runs.add(count, { outcome });
  for (const [type, tokens] of Object.entries(SHADOWED.tokens)) metrics.tokens.add(tokens, { type, model: CHAT_MODEL });
  metrics.cost.add(SHADOWED.usd, { model: CHAT_MODEL });
  await environment.flush();
  return { points: await end(environment, 0) };
}

/** Asks two questions behind a collector that is unavailable for the first trace and rejects the second. */
async function askThroughFaultyProxy(endpoint: string) {
  const proxy = await startProxy(endpoint);
  const environment = new Environment({ endpoint: proxy.url, ...PROD });
  proxy.override.traces = 503;
  const retained = await environment.ask(ORDINARY);
  await environment.flush();
  proxy.override.traces = undefined;
  await eventually(
    () => environment.flush(),
    ({ ok }) => ok,
  );
  proxy.override.traces = 400;
  const rejected = await environment.ask({ invalid: true });
  await environment.flush();
  proxy.override.traces = undefined;
  const asked = [retained, rejected];
  const dropped = spansOf([rejected]);
  await environment.flush();
  const own = proxy.selfPoints();
  const points = (await end(environment, spansOf(asked) - dropped)) - own;
  proxy.close();
  return { asked, dropped, retained: spansOf([retained]), points };
}

/** A proxy in front of the collector that forwards requests, or responds to traces with the status in `override`. */
async function startProxy(endpoint: string) {
  const override: { traces?: number | undefined } = {};
  let selfPoints = 0;
  const server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      if (override.traces !== undefined && request.url === "/v1/traces") {
        response.writeHead(override.traces).end();
        return;
      }
      if (request.url === "/v1/metrics") selfPoints += selfMetricPoints(JSON.parse(String(body)) as MetricsPayload);
      const headers = { "content-type": request.headers["content-type"] ?? "" };
      const forwarded = await fetch(`${endpoint}${request.url}`, { method: "POST", headers, body });
      response.writeHead(forwarded.status, { "content-type": "application/json" }).end(await forwarded.text());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return {
    override,
    close,
    selfPoints: () => selfPoints,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
}

/** Data points of a request that contains only self-metrics, which do not count themselves. */
function selfMetricPoints(payload: MetricsPayload): number {
  const scopes = payload.resourceMetrics?.flatMap(({ scopeMetrics }) => scopeMetrics ?? []) ?? [];
  if (scopes.some(({ scope }) => scope?.name !== SELF_NAMES.scope)) return 0;
  return metricsOf(payload).reduce(
    (sum, { sum: counter, histogram }) => sum + (counter?.dataPoints ?? histogram?.dataPoints ?? []).length,
    0,
  );
}
