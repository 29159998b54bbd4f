import type { Problem } from "#console/contract.ts";
import { HttpError, request } from "../shell/http.ts";
import type { QuestionBody } from "./question/question-body.ts";
import { readServerEvents } from "./server-events.ts";
import type { Citation, TurnEvent } from "./turns.ts";

/** When only the language model failed, it has what was found. */
type QuestionProblem = Problem & { citations?: Citation[] };

const BROKEN_OFF = "The answer broke off before its end: see the terminal with npm run dev.";

/**
 * Asks a question and reports what happens to it. Ends with `done`, `failed`, or, when the signal is aborted, with `stopped`;
 * never rejects.
 */
export async function ask(body: QuestionBody, signal: AbortSignal, onEvent: (event: TurnEvent) => void): Promise<void> {
  try {
    const response = await request("/query", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify(body),
      signal,
    });
    for await (const { event, data } of readServerEvents(response.body ?? new ReadableStream())) {
      if (event === "error") throw errorOf(JSON.parse(data) as Problem);
      if (event === "citations" || event === "delta" || event === "done")
        onEvent({ type: event, data: JSON.parse(data) } as TurnEvent);
      if (event === "done") return;
    }
    throw new HttpError(0, BROKEN_OFF);
  } catch (error) {
    if (signal.aborted) return onEvent({ type: "stopped" });
    onEvent({
      type: "failed",
      error: error instanceof TypeError ? new HttpError(0, BROKEN_OFF) : error,
      ...foundIn(error),
    });
  }
}

function errorOf(problem: Problem): HttpError {
  return new HttpError(problem.status, problem.detail ?? problem.title, problem);
}

/** What was found although the answer failed. */
function foundIn(error: unknown): Pick<TurnEvent & { type: "failed" }, "citations" | "traceId"> {
  const problem = error instanceof HttpError ? (error.problem as QuestionProblem | undefined) : undefined;
  return {
    ...(problem?.citations && { citations: problem.citations }),
    ...(problem?.trace_id && { traceId: problem.trace_id }),
  };
}
