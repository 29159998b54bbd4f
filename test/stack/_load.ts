import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { SELF } from "#telemetry/self-metrics.ts";
import { type MetricsPayload, metricsOf } from "../../local-stack/dev/otlp.ts";
import { type Asked, CHAT_MODEL, EMBEDDING_MODEL, Environment, type Script } from "./_fleet.ts";
import { eventually } from "./_stack.ts";

const TOKENS = { embedding: 7, prompt: 120, completion: 30 };
const SCORE = { good: [0.92, 0.71, 0.55, 0.3, 0.11], middling: [0.45, 0.2] };

const ORDINARY: Script = { tokens: TOKENS, generatorMs: 25, scores: SCORE.good };

/** Groups of questions, each in the middle of a bucket of the duration's histogram, so that quantiles are known. */
const GROUPS: readonly [many: number, script: Script][] = [
  // (0.02, 0.04]
  [40, ORDINARY],
  [60, { ...ORDINARY, cacheHit: true }],
  [10, { tokens: TOKENS, generatorMs: 25, scores: [] }],
  // (0.08, 0.16]
  [50, { tokens: TOKENS, generatorMs: 110, scores: SCORE.middling }],
  // (0.64, 1.28]
  [20, { tokens: TOKENS, generatorMs: 900, scores: SCORE.good }],
  // (5.12, 10.24]: slower than the objective
  [8, { tokens: TOKENS, generatorMs: 5_400, scores: SCORE.good }],
  [24, { fail: "llm_generation", code: "rate_limit_exceeded", generatorMs: 25 }],
  [6, { fail: "vector_search" }],
  [4, { fail: "embedding" }],
  // (0.04, 0.08]
  [4, { generatorMs: 400, timeLeftMs: 55 }],
  [10, { invalid: true }],
];

const ENVIRONMENTS = 6;
const PROD = { stage: "prod", functionName: "edge-rag-prod-query" };

/** Everything that the load did, so that what the stack says of it can be told true from false. */
export interface Load {
  readonly asked: readonly Asked[];
  /** Spans that were dropped on purpose; they are among those of `asked`. */
  readonly dropped: number;
  /** Spans that had to wait on purpose. */
  readonly retained: number;
  /** Data points that had left when telemetry told of them last. */
  readonly points: number;
  /** Questions to the stage "staging", each of which fails in `rerank`. */
  readonly staging: readonly Asked[];
}

/**
 * Asks all that the groups say, from environments of the stage "prod"; one question whose trace has to wait, one whose
 * trace is dropped; and five from the stage "staging".
 */
export async function runLoad(endpoint: string): Promise<Load> {
  const scripts = GROUPS.flatMap(([many, script]) => Array.from({ length: many }, () => script));
  const work = Array.from({ length: ENVIRONMENTS }, async (_, index) => {
    const environment = new Environment({ endpoint, ...PROD });
    const mine = scripts.filter((_script, number) => number % ENVIRONMENTS === index);
    const asked: Asked[] = [];
    // Few at a time: what waits for the event loop would be told as slow.
    for (let first = 0; first < mine.length; first += 2) {
      asked.push(...(await Promise.all(mine.slice(first, first + 2).map((script) => environment.ask(script)))));
      await environment.flush();
    }
    return { asked, points: await end(environment, asked) };
  });
  const ordinary = await Promise.all(work);
  const troubled = await askInTrouble(endpoint);

  const environment = new Environment({ endpoint, stage: "staging", functionName: "edge-rag-staging-query" });
  const staging: Asked[] = [];
  for (let i = 0; i < 5; i++) staging.push(await environment.ask({ fail: "rerank" }));
  await environment.end();

  return {
    asked: [...ordinary.flatMap(({ asked }) => asked), ...troubled.asked],
    dropped: troubled.dropped,
    retained: troubled.retained,
    points: ordinary.reduce((sum, { points }) => sum + points, troubled.points),
    staging,
  };
}

/** What telemetry tells of itself leaves with the flush after. @returns the data points that it tells of */
async function end(environment: Environment, asked: readonly Asked[], dropped = 0): Promise<number> {
  const { exported } = environment.telemetry.state();
  await environment.flush();
  await environment.end();
  return exported - (spansOf(asked) - dropped);
}

/** Behind a collector that is away for a question's trace, and refuses that of the next for good. */
async function askInTrouble(endpoint: string) {
  const gate = await openGate(endpoint);
  const environment = new Environment({ endpoint: gate.url, ...PROD });
  gate.answers.traces = 503;
  const waits = await environment.ask(ORDINARY);
  await environment.flush();
  gate.answers.traces = undefined;
  await eventually(
    () => environment.flush(),
    ({ ok }) => ok,
  );
  gate.answers.traces = 400;
  const refused = await environment.ask({ invalid: true });
  await environment.flush();
  gate.answers.traces = undefined;
  const asked = [waits, refused];
  const dropped = spansOf([refused]);
  await environment.flush();
  const own = gate.ownPoints();
  const points = (await end(environment, asked, dropped)) - own;
  gate.close();
  return { asked, dropped, retained: spansOf([waits]), points };
}

/** Stands before the collector and passes on, unless it is told to answer itself. */
async function openGate(endpoint: string) {
  const answers: { traces?: number | undefined } = {};
  let ownPoints = 0;
  const server = createServer((request, response) => {
    void buffer(request).then(async (body) => {
      if (answers.traces !== undefined && request.url === "/v1/traces") {
        response.writeHead(answers.traces).end();
        return;
      }
      if (request.url === "/v1/metrics") ownPoints += pointsOfOwn(JSON.parse(String(body)) as MetricsPayload);
      const headers = { "content-type": request.headers["content-type"] ?? "" };
      const passed = await fetch(`${endpoint}${request.url}`, { method: "POST", headers, body });
      response.writeHead(passed.status, { "content-type": "application/json" }).end(await passed.text());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return {
    answers,
    close,
    ownPoints: () => ownPoints,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
}

/** Data points of a request that holds only what telemetry says of itself: of those it says nothing. */
function pointsOfOwn(payload: MetricsPayload): number {
  const scopes = payload.resourceMetrics?.flatMap(({ scopeMetrics }) => scopeMetrics ?? []) ?? [];
  if (scopes.some(({ scope }) => scope?.name !== SELF)) return 0;
  return metricsOf(payload).reduce(
    (sum, { sum: counter, histogram }) => sum + (counter?.dataPoints ?? histogram?.dataPoints ?? []).length,
    0,
  );
}

/** What there is to know of the questions. */
export function truthOf(asked: readonly Asked[]) {
  const having = (fits: (script: Script, asked: Asked) => boolean) => asked.filter((one) => fits(one.script, one));
  const queries = having((script) => !script.invalid);
  const answered = having((_, { status }) => status === 200);
  const embedded = having(({ invalid, fail }) => !invalid && fail !== "embedding");
  const searched = having(({ invalid, fail }) => !invalid && fail !== "embedding" && fail !== "vector_search");
  const billed = answered.filter(({ script }) => script.tokens);
  const scores = searched.flatMap(({ script }) => (script.scores?.length === 0 ? [] : [script.scores?.[0] ?? 0.92]));
  const hits = embedded.filter(({ script }) => script.cacheHit).length;
  const empty = searched.filter(({ script }) => script.scores?.length === 0).length;
  const uncached = billed.filter(({ script }) => !script.cacheHit).length;
  const errors = {
    validation: having(({ invalid }) => invalid === true).length,
    embedding: having(({ fail }) => fail === "embedding").length,
    vector_search: having(({ fail }) => fail === "vector_search").length,
    llm_generation: having(({ fail }) => fail === "llm_generation").length,
    deadline: having((_, { status }) => status === 504).length,
  };
  const tokens = {
    [`prompt ${EMBEDDING_MODEL}`]: uncached * TOKENS.embedding,
    [`prompt ${CHAT_MODEL}`]: billed.length * TOKENS.prompt,
    [`completion ${CHAT_MODEL}`]: billed.length * TOKENS.completion,
  };
  const cost = {
    // US dollars per million tokens: 0.02, and 0.15 for what is read and 0.60 for what is written.
    [EMBEDDING_MODEL]: (uncached * TOKENS.embedding * 0.02) / 1e6,
    [CHAT_MODEL]: (billed.length * (TOKENS.prompt * 0.15 + TOKENS.completion * 0.6)) / 1e6,
  };
  return {
    requests: asked.length,
    failed: having((_, { status }) => status >= 500).length,
    queries: queries.length,
    outcomes: {
      answered: answered.length - empty,
      not_found: empty,
      error: queries.length - answered.length,
    },
    slow: having(({ generatorMs = 0 }) => generatorMs > 5_120).length,
    cache: { hits, misses: embedded.length - hits, ratio: hits / embedded.length },
    searches: searched.length,
    empty,
    scores,
    results: searched.reduce((sum, { script }) => sum + (script.scores?.length ?? 5), 0),
    errors,
    chats: billed.length,
    // Generators that were asked, and embedders where no cache had the vector.
    calls: searched.length + queries.length - hits,
    tokens,
    cost,
    costTotal: cost[EMBEDDING_MODEL] + cost[CHAT_MODEL],
    // One environment more was in trouble.
    coldStarts: ENVIRONMENTS + 1,
    timeouts: errors.deadline,
  };
}

/** Spans of the traces: a root and rag.query, and one for each stage that was reached. */
export function spansOf(asked: readonly Asked[]): number {
  const stages = ({ invalid, fail }: Script): number => {
    if (invalid) return -1;
    return { embedding: 1, vector_search: 2, rerank: 3, llm_generation: 4 }[fail ?? "llm_generation"];
  };
  return asked.reduce((sum, { script }) => sum + 2 + stages(script), 0);
}

export type Truth = ReturnType<typeof truthOf>;
