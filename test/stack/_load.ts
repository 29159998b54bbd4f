import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { SELF_NAMES } from "#telemetry/metrics.ts";
import { type MetricsPayload, metricsOf } from "../../local-stack/dev/otlp.ts";
import { type Asked, Environment } from "./_fleet.ts";
import { ENVIRONMENTS, GROUPS, ORDINARY } from "./_groups.ts";
import { eventually } from "./_stack.ts";
import { spansOf } from "./_truth.ts";

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
  /** Messages of the queue, to the stage "prod", by what became of them; each is a trace of one span. */
  readonly messages: { taken: number; refused: number };
  /** Questions to the stage "staging", each of which fails in `vector_search`. */
  readonly staging: readonly Asked[];
}

/**
 * Asks all that the groups say, from environments of the stage "prod"; one question whose trace has to wait, one whose
 * trace is dropped; some messages of the queue; and five questions from the stage "staging".
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
    return { asked, points: await end(environment, spansOf(asked)) };
  });
  const ordinary = await Promise.all(work);
  const troubled = await askInTrouble(endpoint);
  const queue = await takeMessages(endpoint);

  const environment = new Environment({ endpoint, stage: "staging", functionName: "edge-rag-staging-query" });
  const staging: Asked[] = [];
  for (let i = 0; i < 5; i++) staging.push(await environment.ask({ fail: "vector_search" }));
  await environment.end();

  return {
    asked: [...ordinary.flatMap(({ asked }) => asked), ...troubled.asked],
    dropped: troubled.dropped,
    retained: troubled.retained,
    points: ordinary.reduce((sum, { points }) => sum + points, troubled.points + queue.points),
    messages: queue.messages,
    staging,
  };
}

/** What telemetry tells of itself leaves with the flush after. @returns the data points that it tells of */
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
  const points = (await end(environment, spansOf(asked) - dropped)) - own;
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
  if (scopes.some(({ scope }) => scope?.name !== SELF_NAMES.scope)) return 0;
  return metricsOf(payload).reduce(
    (sum, { sum: counter, histogram }) => sum + (counter?.dataPoints ?? histogram?.dataPoints ?? []).length,
    0,
  );
}
