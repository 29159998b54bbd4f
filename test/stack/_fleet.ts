import { createApp } from "#http/app.ts";
import type { Invocation } from "#http/context.ts";
import { queryRoute } from "#http/routes/query.ts";
import { createAnswer } from "#rag/answer.ts";
import { createCachedAnswer } from "#rag/cached-answer.ts";
import { setupTelemetry, type Telemetry } from "#telemetry/index.ts";
import { createMetering } from "#usage/metered-ports.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { meterPorts, tracePorts } from "../support/wrapped-ports.ts";
import { type Script, scriptedAnswers, scriptedPorts } from "./_scripted-ports.ts";

/** What came of it, as the caller saw it. */
export interface Asked {
  script: Script;
  status: number;
  traceId: string;
  /** The pipeline's own clock, in seconds; `undefined` when there is no whole answer. */
  seconds: number | undefined;
}

export interface EnvironmentOptions {
  /** Base URL of the collector. */
  endpoint: string;
  functionName?: string;
  stage?: string;
  /** Sent with every export. */
  headers?: Record<string, string>;
  otlpExporter?: "built-in" | "opentelemetry";
}

/**
 * One execution environment of the query function: the real telemetry, pipeline and HTTP app, around ports that do as
 * each question's script says. Nothing is sent before {@link flush}.
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
    headers = {},
    otlpExporter = "built-in",
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
      sampler: "parentbased_always_on",
      samplerArg: 1,
      propagators: ["tracecontext"],
      captureContent: false,
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
      const { kept } = script;
      const app = createApp({
        serve: telemetry.serve,
        onDone: ({ stage }) => stage === "validation" && telemetry.recordQueryError(stage),
      });
      return queryRoute(
        app,
        telemetry.traceAnswer(kept ? createCachedAnswer(answer, ports, scriptedAnswers(kept)) : answer),
      );
    };
  }

  /** @param traceId the trace the question belongs to, 32 hex digits; by default one of its own */
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
    const { trace_id, timings_ms } = stream ? await readStream(response, stream) : ((await response.json()) as Told);
    await Promise.all(ended);
    const seconds = timings_ms && timings_ms.total / 1_000;
    return { script, status: response.status, traceId: trace_id, seconds };
  }

  /** A message of the queue, taken at once or refused for good. */
  async take(outcome: "taken" | "refused"): Promise<void> {
    const message = { id: crypto.randomUUID(), queue: "edge-rag-prod-ingest" };
    const refused = Object.assign(new Error("refused"), { code: "invalid_message" });
    const taking = this.telemetry.consume(message, { coldStart: false }, async () => {
      if (outcome === "refused") throw refused;
    });
    await taking.catch(() => {});
  }

  flush(budgetMs = 5_000): ReturnType<Telemetry["flush"]> {
    return this.telemetry.flush(budgetMs);
  }

  /** Sends what is left and ends. */
  async end(): Promise<void> {
    await this.telemetry.shutdown(5_000);
  }
}

interface Told {
  trace_id: string;
  timings_ms?: { total: number };
}

/** What the events say, up to the last or to the first piece of the answer. */
async function readStream(response: Response, until: NonNullable<Script["stream"]>): Promise<Told> {
  let told = "";
  for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    told += text;
    if (until === "leaves" && told.includes("event: delta")) break;
  }
  const data = [...told.matchAll(/^data: (.*)$/gm)].map(([, json = ""]) => JSON.parse(json) as Told);
  const [first] = data;
  if (!first) throw new Error("no event came");
  return { ...first, ...(until === "read" && data.at(-1)) };
}
