import { useState } from "preact/hooks";
import type { FeedbackResponse } from "#http/schemas/responses.ts";
import { postJson } from "../../shell/http.ts";

type Value = 1 | -1;

/** A hand with its thumb up. */
const THUMB = "M2 11h4v10H2zM6 11l4-8a2.5 2.5 0 0 1 2.5 2.5V9h6a2 2 0 0 1 2 2.3l-1.2 8A2 2 0 0 1 17.3 21H6";

/** Whether the answer helped: two buttons, of which one can be used once. They keep the focus when they no longer can be. */
export function Rating({ traceId, token }: { traceId: string; token: string }) {
  const [chosen, setChosen] = useState<Value>();
  const [outcome, setOutcome] = useState("");
  const rate = (rating: Value) => {
    setChosen(rating);
    setOutcome("");
    postJson<FeedbackResponse>("/feedback", { trace_id: traceId, token, rating }).then(
      () => setOutcome("Thank you."),
      (error: unknown) => {
        setChosen(undefined);
        setOutcome(error instanceof Error ? error.message : String(error));
      },
    );
  };
  const button = (rating: Value, label: string) => (
    <button
      type="button"
      class="quiet"
      aria-label={label}
      title={label}
      aria-pressed={chosen === rating}
      aria-disabled={chosen !== undefined}
      onClick={() => chosen === undefined && rate(rating)}
    >
      <svg class={rating === 1 ? "thumb" : "thumb down"} viewBox="0 0 24 24" aria-hidden="true">
        <path d={THUMB} />
      </svg>
    </button>
  );
  return (
    <fieldset class="rating small">
      <legend class="muted">Did this help?</legend>
      {button(1, "It helped")}
      {button(-1, "It did not help")}
      <span class="muted" role="status">
        {outcome}
      </span>
    </fieldset>
  );
}
