import { evaluateAnswer } from "#compose/evaluate-answer.ts";
import { createApp } from "#http/app.ts";
import type { Invocation } from "#http/context.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { createAnswer } from "#rag/answer.ts";
import { createCachedAnswer } from "#rag/cached-answer.ts";
import { setupTelemetry, type Telemetry } from "#telemetry/index.ts";
import { createMetering } from "#usage/metered-ports.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { meterPorts, tracePorts } from "../support/wrapped-ports.ts";
import { type Script, scriptedAnswers, scriptedPorts } from "./_scripted-ports.ts";

/** The outcome of a question for its caller. */
export interface Asked {
  script: Script;
  status: number;
  traceId: string;
  /** Seconds as measured by the pipeline; `undefined` without a complete answer. */
  seconds: number | undefined;
}

export interface EnvironmentOptions {
  /** Base URL of the collector. */
  endpoint: string;
  functionName?: string;
  stage?: string;
  /** Computes the groundedness of every answer; by default of none. */
  evaluates?: boolean;
  /** Sent with every export. */
  headers?: Record<string, string>;
  otlpExporter?: "built-in" | "opentelemetry";
  protocol?: "http/json" | "http/protobuf";
}

/**
 * One execution environment of the query function: the real telemetry, pipeline and HTTP app with ports that follow
 * each question's script. Exports nothing before {@link flush}.
 */
export class Environment {
  readonly telemetry: Telemetry;
  readonly #app: (script: Script) => ReturnType<typeof createApp>;
  #cold = true;
  #count = 0;

  constructor({
    endpoint,
    functionName = "edge-rag-dev-query",
    stage = "dev",
    evaluates = false,
    headers = {},
    otlpExporter = "built-in",
    protocol = "http/json",
  }: EnvironmentOptions) {
    this.telemetry = setupTelemetry({
      serviceName: "edge-rag",
      resourceAttributes: { "deployment.environment.name": stage },
      traces: "otlp",
      metrics: "otlp",
      endpoint,
      headers,
      timeoutMs: 10_000,
      compression: "none",
      otlpExporter,
      protocol,
      sampler: "parentbased_always_on",
      samplerArg: 1,
      propagators: ["tracecontext"],
      captureContent: false,
      groundedness: { sample: evaluates ? 1 : 0, budgetMs: 60_000 },
      platform: {
        provider: "aws",
        name: "aws_lambda",
        region: "eu-central-1",
        functionName,
        functionVersion: "$LATEST",
        instance: `2026/11/24/[$LATEST]${crypto.randomUUID()}`,
        memoryMiB: 512,
      },
    });
    const { telemetry } = this;
    telemetry.evaluateAnswers(async () => evaluateAnswer);
    const monitor = new OpenAIUsageMonitor({ onRecord: telemetry.recordUsage });
    const refused = (error: unknown): void => {
      throw error;
    };
    this.#app = (script) => {
      const ports = tracePorts(
        telemetry,
        meterPorts(createMetering(monitor, refused), scriptedPorts(script, telemetry)),
      );
      const answer = createAnswer(ports);
      const { answerCache } = script;
      const app = createApp({
        serve: telemetry.serve,
        onDone: ({ stage }) => stage === "validation" && telemetry.recordQueryError(stage),
      });
      addQueryRoute(
        app,
        telemetry.traceAnswer(answerCache ? createCachedAnswer(answer, ports, scriptedAnswers(answerCache)) : answer),
      );
      return app;
    };
  }

  /** @param traceId Trace of the question, 32 hex digits; a new one by default. */
  async ask(script: Script = {}, traceId?: string): Promise<Asked> {
    const ended: Promise<unknown>[] = [];
    const invocation: Invocation = {
      waitUntil: (work) => ended.push(work),
      requestId: `${process.pid}-${this.#count++}`,
      coldStart: this.#cold,
      ...(this.#cold && { initDurationMs: 180 }),
      ...(script.timeLeftMs !== undefined && { timeLeftMs: script.timeLeftMs }),
    };
    this.#cold = false;
    const question = { question: "What does the handbook say?", stream: script.stream !== undefined };
    const body = JSON.stringify(script.invalid ? { question: 1 } : question);
    const headers = {
      "content-type": "application/json",
      ...(traceId && { traceparent: `00-${traceId}-${traceId.slice(0, 16)}-01` }),
    };
    const init = { method: "POST", headers, body };
    const response = await this.#app(script).request("http://localhost/query", init, { invocation });
    const { stream } = script;
    const { trace_id, timings_ms } = stream
      ? await readStream(response, stream)
      : ((await response.json()) as QueryResult);
    await Promise.all(ended);
    const seconds = timings_ms && timings_ms.total / 1_000;
    return { script, status: response.status, traceId: trace_id, seconds };
  }

  /** Processes a queue message, which is accepted or fails as invalid. */
  async take(outcome: "taken" | "refused"): Promise<void> {
    const message = { id: crypto.randomUUID(), system: "aws.sqs", queue: "edge-rag-prod-ingest" };
    const refused = Object.assign(new Error("refused"), { code: "invalid_message" });
    const taking = this.telemetry.consume(message, { coldStart: false }, async () => {
      if (outcome === "refused") throw refused;
    });
    await taking.catch(() => {});
  }

  /** Rates an answer. One that is replayed was rated before. */
  async rate(traceId: string, outcome: "positive" | "negative" | "replayed"): Promise<void> {
    const answer = { traceId, spanId: traceId.slice(16), sampled: true };
    const result = outcome === "replayed" ? { outcome } : { outcome: "counted", answer };
    await this.telemetry.traceFeedback(async () => result)({ rating: outcome === "positive" ? 1 : -1 });
  }

  flush(budgetMs = 5_000): ReturnType<Telemetry["flush"]> {
    return this.telemetry.flush(budgetMs);
  }

  /** Exports the remaining telemetry and shuts down. */
  async end(): Promise<void> {
    await this.telemetry.shutdown(5_000);
  }
}

interface QueryResult {
  trace_id: string;
  timings_ms?: { total: number };
}

/** Reads the events, up to the end or to the first delta of the answer. */
async function readStream(response: Response, until: NonNullable<Script["stream"]>): Promise<QueryResult> {
  let received = "";
  for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    received += text;
    if (until === "disconnects" && received.includes("event: delta")) break;
  }
  const data = [...received.matchAll(/^data: (.*)$/gm)].map(([, json = ""]) => JSON.parse(json) as QueryResult);
  const [first] = data;
  if (!first) throw new Error("the stream ended without an event");
  return { ...first, ...(until === "read" && data.at(-1)) };
}
