import type { Meter } from "@opentelemetry/api";
import type { Citation } from "#rag/ports.ts";
import { ATTR, EVALUATION_EVENT } from "#telemetry/attributes.ts";
import { createJudgeMetrics } from "#telemetry/judge-metrics.ts";
import { type SlowCall, SlowQueue } from "#telemetry/lifecycle/slow-queue.ts";
import { type EndedAnswer, isAnswered, isInShare, type SlowCheck } from "./answer-checks.ts";
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

export type JudgeAnswer = (
  answer: { question: string; text: string; sources: readonly Citation[] },
  call: SlowCall,
) => Promise<Judgement>;

export interface JudgeSettings {
  /** The share of answers that are judged, in [0, 1]. */
  sample: number;
  /** Milliseconds from an answer to its judgement, the wait for earlier ones included. */
  timeoutMs: number;
}

interface Waiting {
  answer: EndedAnswer;
  done: () => void;
}

/** Has a language model judge answers after their responses, and records what it says. */
export class AnswerJudgements implements SlowCheck {
  readonly #settings: JudgeSettings;
  readonly #metrics: ReturnType<typeof createJudgeMetrics>;
  readonly #queue: SlowQueue<Waiting, Judgement>;
  #judge: Promise<JudgeAnswer> | undefined;

  /** @param load called once, for the first answer */
  constructor(meter: Meter, settings: JudgeSettings, load: () => Promise<JudgeAnswer>) {
    this.#settings = settings;
    this.#metrics = createJudgeMetrics(meter);
    this.#queue = new SlowQueue({
      timeoutMs: settings.timeoutMs,
      isDue: ({ answer }) => isAnswered(answer),
      run: async ({ answer: { question, text, sources } }, call) => {
        this.#judge ??= load();
        return (await this.#judge)({ question, text, sources }, call);
      },
      finish: (waiting, judgement) => this.#finish(waiting, judgement),
    });
  }

  isSampled(traceId: string): boolean {
    return isInShare(traceId, this.#settings.sample);
  }

  add(answer: EndedAnswer, done: () => void): void {
    this.#queue.add({ answer, done });
  }

  start(): Promise<unknown> | undefined {
    return this.#queue.start();
  }

  settle(ms: number): Promise<void> {
    return this.#queue.settle(ms);
  }

  drop(): void {
    this.#queue.drop();
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
