import type { Meter } from "@opentelemetry/api";
import { settlesWithin } from "#async/time-limit.ts";
import type { Citation } from "#rag/ports.ts";
import { ATTR, EVALUATION_EVENT } from "#telemetry/attributes.ts";
import { createJudgeMetrics } from "#telemetry/judge-metrics.ts";
import { type EndedAnswer, isAnswered, type SlowCheck } from "./answer-checks.ts";
import { type BilledCall, countUsage } from "./gen-ai.ts";

/** What became of judging an answer. */
export interface Judgement {
  /** `failed`: the judge gave no reply; `invalid`: it gave no scores; `dropped`: there was too little time. */
  outcome: "judged" | "failed" | "invalid" | "dropped" | "over_budget";
  /** By name, each in [0, 1]; absent unless judged. */
  scores?: Readonly<Record<string, number>>;
  /** Absent when nothing is known to be billed. */
  usage?: BilledCall;
}

export interface JudgeCall {
  signal: AbortSignal;
  /** When the judgement is needed, in milliseconds since 1970. */
  deadline: number;
}

export type JudgeAnswer = (
  answer: { question: string; text: string; sources: readonly Citation[] },
  call: JudgeCall,
) => Promise<Judgement>;

export interface JudgeSettings {
  /** The share of answers that are judged, in [0, 1]. */
  sample: number;
  /** Milliseconds from an answer to its judgement, the wait for earlier ones included. */
  timeoutMs: number;
}

/** Requests to the judge at a time. */
const MAX_RUNNING = 4;
/** More than that wait in vain; their spans stay in memory meanwhile. */
const MAX_WAITING = 100;

interface Waiting {
  answer: EndedAnswer;
  done: () => void;
  deadline: number;
}

/** Has a language model judge answers after their responses, and records what it says. */
export class AnswerJudgements implements SlowCheck {
  readonly #settings: JudgeSettings;
  readonly #metrics: ReturnType<typeof createJudgeMetrics>;
  readonly #load: () => Promise<JudgeAnswer>;
  #judge: Promise<JudgeAnswer> | undefined;
  #waiting: Waiting[] = [];
  readonly #running = new Map<Promise<void>, () => void>();
  /** While {@link settle} waits, when it ends. */
  #end = Number.POSITIVE_INFINITY;

  /** @param load called once, for the first answer */
  constructor(meter: Meter, settings: JudgeSettings, load: () => Promise<JudgeAnswer>) {
    this.#settings = settings;
    this.#metrics = createJudgeMetrics(meter);
    this.#load = load;
  }

  /**
   * As OpenTelemetry's samplers decide by probability, from the 56 random bits of a trace id: whoever knows the trace id and
   * the share comes to the same decision. https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
   */
  isSampled(traceId: string): boolean {
    return Number.parseInt(traceId.slice(-14), 16) / 2 ** 56 >= 1 - this.#settings.sample;
  }

  add(answer: EndedAnswer, done: () => void): void {
    const waiting = { answer, done, deadline: Date.now() + this.#settings.timeoutMs };
    if (this.#waiting.length < MAX_WAITING) this.#waiting.push(waiting);
    else this.#finish(waiting, { outcome: "dropped" });
  }

  start(): Promise<unknown> | undefined {
    while (this.#running.size < MAX_RUNNING) {
      const at = this.#waiting.findIndex(({ answer }) => isAnswered(answer));
      const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (!next) break;
      const controller = new AbortController();
      const run: Promise<void> = this.#run(next, controller.signal).finally(() => {
        this.#running.delete(run);
        void this.start();
      });
      this.#running.set(run, () => controller.abort());
    }
    return this.#running.size > 0 ? Promise.all(this.#running.keys()) : undefined;
  }

  async settle(ms: number): Promise<void> {
    this.#end = Date.now() + ms;
    const until = performance.now() + ms;
    for (let left = ms, running = this.start(); running && left > 0; running = this.start()) {
      await settlesWithin(running, left);
      left = until - performance.now();
    }
    this.drop();
    this.#end = Number.POSITIVE_INFINITY;
  }

  drop(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) this.#finish(each, { outcome: "dropped" });
    for (const abort of this.#running.values()) abort();
  }

  /** Never rejects; the answer is finished as soon as the signal is aborted. */
  async #run(waiting: Waiting, signal: AbortSignal): Promise<void> {
    const { question, text, sources } = waiting.answer;
    const deadline = Math.min(waiting.deadline, this.#end);
    const dropped = { outcome: "dropped" } as const;
    let isFinished = false;
    const finish = (judgement: Judgement) => {
      if (!isFinished) this.#finish(waiting, judgement);
      isFinished = true;
    };
    signal.addEventListener("abort", () => finish(dropped));
    try {
      this.#judge ??= this.#load();
      const judge = await this.#judge;
      finish(Date.now() < deadline ? await judge({ question, text, sources }, { signal, deadline }) : dropped);
    } catch {
      finish({ outcome: "failed" });
    }
  }

  #finish({ answer: { span, endedAt }, done }: Waiting, { outcome, scores = {}, usage }: Judgement): void {
    this.#metrics.runs.add(1, { outcome });
    if (usage) countUsage(this.#metrics, usage);
    for (const [evaluation, score] of Object.entries(scores)) {
      this.#metrics.scores.record(score, { evaluation });
      const attributes = { [ATTR.genAiEvaluationName]: evaluation, [ATTR.genAiEvaluationScoreValue]: score };
      span.addEvent(EVALUATION_EVENT, attributes, endedAt);
    }
    done();
  }
}
