import { type Attributes, context, type Meter, ROOT_CONTEXT, type Span, type Tracer, trace } from "@opentelemetry/api";
import type { Answer } from "#rag/answer.ts";
import type { Question } from "#rag/question.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { type SlowCall, SlowQueue } from "#telemetry/lifecycle/slow-queue.ts";
import { createShadowMetrics } from "#telemetry/shadow-metrics.ts";
import { type AnsweredQuestion, isAnswered, isInShare, type QuestionCheck } from "./answer-checks.ts";
import { type BilledCall, countUsage } from "./gen-ai.ts";

/** What became of answering a question again. */
export interface ShadowRun {
  /**
   * `not_found`: the shadow did not answer; `identical`: it has the same model and sources, so nothing was asked; `dropped`:
   * there was too little time.
   */
  outcome: "compared" | "not_found" | "identical" | "failed" | "dropped" | "over_budget";
  /** Of both answers, each in [0, 1]; absent unless compared. */
  groundedness?: Readonly<Record<"primary" | "shadow", number>>;
  /** Number of sources that the shadow answered from; absent when it did not come to that. */
  results?: number;
  /** Calls that are known to be billed; absent: none. */
  billed?: readonly BilledCall[];
}

export type RunShadow = (
  answered: { question: Question; answer: Answer },
  call: SlowCall & { tenant?: string },
) => Promise<ShadowRun>;

export interface ShadowSettings {
  /** The share of questions that are answered again, in [0, 1]. */
  sample: number;
  /** Milliseconds from an answer to that of the shadow, the wait for earlier ones included. */
  timeoutMs: number;
  /** The shadow's model. */
  model: string;
}

interface Waiting {
  answered: AnsweredQuestion;
  /** Absent until its turn has come. */
  span?: Span;
}

/**
 * Has questions answered again by another configuration after their responses, and records how both answers compare. Each
 * run has a span of its own trace, which links to the `rag.query` of the answer: in the answer's trace it would make that
 * look slow.
 */
export class ShadowRuns implements QuestionCheck {
  readonly #settings: ShadowSettings;
  readonly #tracer: Tracer;
  readonly #metrics: ReturnType<typeof createShadowMetrics>;
  readonly #queue: SlowQueue<Waiting, ShadowRun>;
  #run: Promise<RunShadow> | undefined;

  /** @param load called once, for the first question */
  constructor(meter: Meter, tracer: Tracer, settings: ShadowSettings, load: () => Promise<RunShadow>) {
    this.#settings = settings;
    this.#tracer = tracer;
    this.#metrics = createShadowMetrics(meter);
    this.#queue = new SlowQueue({
      timeoutMs: settings.timeoutMs,
      isDue: ({ answered }) => isAnswered(answered),
      run: (waiting, call) => {
        waiting.span = this.#startSpan(waiting.answered);
        // Of no query: its stages, errors and open spans are not those of the shadow.
        return context.with(trace.setSpan(ROOT_CONTEXT, waiting.span), async () => {
          this.#run ??= load();
          const { question, answer, tenant } = waiting.answered;
          return (await this.#run)({ question, answer }, { ...call, ...(tenant !== undefined && { tenant }) });
        });
      },
      finish: ({ span }, run) => this.#finish(span, run),
    });
  }

  isSampled(traceId: string): boolean {
    return isInShare(traceId, this.#settings.sample);
  }

  add(answered: AnsweredQuestion): void {
    this.#queue.add({ answered });
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

  #startSpan({ span }: AnsweredQuestion): Span {
    const attributes = { [ATTR.openInferenceSpanKind]: "CHAIN", [ATTR.modelName]: this.#settings.model };
    return this.#tracer.startSpan("rag.shadow", { root: true, attributes, links: [{ context: span }] }, ROOT_CONTEXT);
  }

  #finish(span: Span | undefined, run: ShadowRun): void {
    const { outcome, groundedness, billed = [] } = run;
    this.#metrics.runs.add(1, { outcome });
    for (const usage of billed) countUsage(this.#metrics, usage);
    if (groundedness) {
      this.#metrics.groundedness.record(groundedness.primary, { configuration: "primary" });
      this.#metrics.groundedness.record(groundedness.shadow, { configuration: "shadow" });
    }
    span?.setAttributes(attributesOf(run)).end();
  }
}

function attributesOf({ outcome, groundedness, results, billed = [] }: ShadowRun): Attributes {
  return {
    [ATTR.shadowOutcome]: outcome,
    ...(results !== undefined && { [ATTR.resultsCount]: results }),
    ...(billed.length > 0 && {
      [ATTR.tokensPrompt]: billed.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
      [ATTR.tokensCompletion]: billed.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
    }),
    ...(groundedness && {
      [ATTR.shadowGroundedness]: groundedness.shadow,
      [ATTR.shadowPrimaryGroundedness]: groundedness.primary,
    }),
  };
}
