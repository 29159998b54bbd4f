import type { Answer, AnswerQuestion } from "./answer.ts";
import { type Degradation, inStage, type RagError } from "./errors.ts";
import type { Message, QueryRewriter, Rewrite } from "./query-rewriter.ts";
import { shortened } from "./shortened.ts";
import { UnansweredError } from "./unanswered-error.ts";

/** The messages before the question that a rewriter gets: three questions and their answers. */
const MAX_MESSAGES = 6;
/** UTF-16 code units of each of them; the beginning of an answer says what it is about. */
const MAX_LENGTH = 1_000;
/** A longer question is no follow-up of a few words. */
const MAX_QUESTION_LENGTH = 1_000;

/**
 * The pipeline for questions with a history: rewrite → answer. A follow-up such as "and how do I turn it off?" is made a
 * question that stands alone before anything else, so that the answer cache, the search and the prompt have that one. No
 * other stage gets the history.
 *
 * A question without history goes on as it is, and so does a long one, which says enough by itself. So does one whose
 * rewriting failed: `degraded` then has "query_rewrite".
 *
 * @throws what `answer` throws, and the signal's reason once it is aborted
 */
export function createConversation(
  answer: AnswerQuestion,
  rewriter: QueryRewriter,
  now: () => number = () => performance.now(),
): AnswerQuestion {
  return async ({ history = [], ...question }, call = {}) => {
    if (history.length === 0 || question.question.length > MAX_QUESTION_LENGTH) return answer(question, call);

    const started = now();
    const { onCitations, onDelta, ...rewriteCall } = call;
    const failures: Degradation[] = [];
    const rewrite = await inStage("query_rewrite", `rewriting the question with ${rewriter.model}`, () =>
      rewriter.rewrite(question.question, recent(history), rewriteCall),
    ).catch((error: RagError) => {
      call.signal?.throwIfAborted();
      failures.push({ stage: "query_rewrite", error });
      return undefined;
    });
    const rewritten = now() - started;
    call.signal?.throwIfAborted();

    const changed = rewrite && rewrite.question !== question.question ? rewrite.question : undefined;
    const fresh = await answer(changed === undefined ? question : { ...question, question: changed }, {
      ...call,
      ...(onCitations && {
        onCitations: (citations, degraded) => onCitations(citations, [...failures, ...degraded], changed),
      }),
    }).catch((error: unknown) => {
      if (!(error instanceof UnansweredError) || failures.length === 0) throw error;
      throw new UnansweredError(error, error.citations, [...failures, ...error.degraded]);
    });
    return {
      ...fresh,
      ...(changed !== undefined && { rewrittenQuestion: changed }),
      usage: rewrite ? sumOf(fresh.usage, rewrite) : fresh.usage,
      timingsMs: { query_rewrite: rewritten, ...fresh.timingsMs, total: now() - started },
      degraded: [...failures, ...fresh.degraded],
    };
  };
}

function recent(history: readonly Message[]): Message[] {
  return history.slice(-MAX_MESSAGES).map(({ role, content }) => ({ role, content: shortened(content, MAX_LENGTH) }));
}

/** Without cost when that of a billed call is not known. */
function sumOf(answer: Answer["usage"], rewrite: Rewrite): Answer["usage"] {
  const billed = [answer, rewrite].filter(
    ({ promptTokens, completionTokens, costUsd }) => promptTokens + completionTokens > 0 || costUsd !== undefined,
  );
  const costs = billed.flatMap(({ costUsd }) => costUsd ?? []);
  return {
    promptTokens: answer.promptTokens + rewrite.promptTokens,
    completionTokens: answer.completionTokens + rewrite.completionTokens,
    ...(costs.length > 0 && costs.length === billed.length && { costUsd: costs.reduce((sum, cost) => sum + cost) }),
  };
}
