import type { Attributes, Span } from "@opentelemetry/api";
import type { Citation } from "#rag/ports.ts";
import { ATTR, EVALUATION_EVENT } from "#telemetry/attributes.ts";
import { AfterResponse } from "#telemetry/lifecycle/after-response.ts";
import type { Metrics } from "#telemetry/metrics.ts";
import { type AnswerCheck, type EndedAnswer, isAnswered } from "./answer-checks.ts";

/** How far an answer is supported by its sources. */
export interface AnswerEvaluation {
  /** In [0, 1]. */
  score: number;
  /** The score in one of few words. */
  label: string;
  /** Without any text of the answer and its sources. */
  explanation: string;
  unsupportedCitations: number;
  /** Numbers and names of the answer that stand in no source. */
  unsupportedFacts: readonly { kind: "number" | "name"; text: string }[];
}

/** @returns `undefined` for an answer that says nothing */
export type EvaluateAnswer = (answer: string, sources: readonly Citation[]) => AnswerEvaluation | undefined;

interface Settings {
  /** The share of answers that are evaluated, in [0, 1]. */
  sample: number;
  /** Milliseconds that the evaluations before one flush may take together. */
  budgetMs: number;
}

/** Evaluates answers after their responses, and records the results. */
export class AnswerEvaluations implements AnswerCheck {
  readonly #settings: Settings;
  readonly #metrics: Metrics;
  readonly #captureContent: boolean;
  readonly #work = new AfterResponse();
  readonly #random: () => number;
  #load: (() => Promise<EvaluateAnswer>) | undefined;
  #evaluate: EvaluateAnswer | undefined;

  constructor(settings: Settings, metrics: Metrics, captureContent: boolean, random = Math.random) {
    this.#settings = settings;
    this.#metrics = metrics;
    this.#captureContent = captureContent;
    this.#random = random;
  }

  /** Evaluates answers from now on. @param load called by the first {@link run} after an answer */
  evaluateWith(load: () => Promise<EvaluateAnswer>): void {
    this.#load = load;
  }

  get isEmpty(): boolean {
    return this.#work.isEmpty;
  }

  /** Whether the next answer is to be evaluated. */
  isSampled(): boolean {
    return this.#load !== undefined && this.#random() < this.#settings.sample;
  }

  add(answer: EndedAnswer, done: () => void): void {
    const { span, endedAt, text, sources } = answer;
    const run = () => {
      try {
        const result = this.#evaluate?.(text, sources);
        if (result) this.#record(span, endedAt, result);
      } finally {
        done();
      }
    };
    this.#work.add({ isDue: () => isAnswered(answer), run, drop: done });
  }

  /** Evaluates the answers that wait. Never rejects: an evaluation that fails is left out. */
  async run(): Promise<void> {
    try {
      this.#evaluate ??= await this.#load?.();
      await this.#work.run(this.#settings.budgetMs);
    } catch {
      this.drop();
    }
  }

  /** Gives up the answers that wait. */
  drop(): void {
    this.#work.drop();
  }

  #record(span: Span, at: number, result: AnswerEvaluation): void {
    const { score, unsupportedCitations, unsupportedFacts } = result;
    this.#metrics.groundedness.record(score);
    if (unsupportedCitations > 0) this.#metrics.unsupportedCitations.add(unsupportedCitations);
    for (const { kind } of unsupportedFacts) this.#metrics.unsupportedFacts.add(1, { kind });
    span.addEvent(EVALUATION_EVENT, this.#attributesOf(result), at);
  }

  #attributesOf({ score, label, explanation, unsupportedFacts }: AnswerEvaluation): Attributes {
    const facts = this.#captureContent ? unsupportedFacts.map(({ text }) => JSON.stringify(text)) : [];
    return {
      [ATTR.genAiEvaluationName]: "groundedness",
      [ATTR.genAiEvaluationScoreValue]: score,
      [ATTR.genAiEvaluationScoreLabel]: label,
      [ATTR.genAiEvaluationExplanation]: facts.length > 0 ? `${explanation}: ${facts.join(", ")}` : explanation,
    };
  }
}
