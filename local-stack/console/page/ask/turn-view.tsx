import { useEffect, useRef } from "preact/hooks";
import { CopyButton } from "../shell/parts.tsx";
import { AnswerView } from "./answer/answer-view.tsx";
import { Facts } from "./answer/facts.tsx";
import { Rating } from "./answer/rating.tsx";
import { RequestTrace } from "./answer/request-trace.tsx";
import { degradation, stageName } from "./answer/stages.ts";
import { curlCommand } from "./question/curl.ts";
import type { Turn } from "./turns.ts";

export interface TurnViewProps {
  turn: Turn;
  needsKey: boolean;
  isLast: boolean;
  onAskAgain: () => void;
}

/** A question, its answer with the sources, and what it took. */
export function TurnView({ turn, needsKey, isLast, onAskAgain }: TurnViewProps) {
  const { id, question, rewritten, state, done, degraded, traceId } = turn;
  const article = useRef<HTMLElement>(null);
  useEffect(() => article.current?.scrollIntoView({ block: "start" }), []);
  return (
    <article ref={article} class="turn" aria-labelledby={`question-${id}`} aria-busy={state === "running"}>
      <header>
        <h2 id={`question-${id}`}>{question}</h2>
        {rewritten !== undefined && rewritten !== question && <p class="muted small">Understood as: {rewritten}</p>}
      </header>
      {degraded.map((stage) => (
        <p key={stage} class="note warning small">
          <strong>Without {stageName(stage).toLowerCase()}.</strong> {degradation(stage)}
        </p>
      ))}
      <AnswerView turn={turn} />
      {done?.feedback_token !== undefined && <Rating traceId={done.trace_id} token={done.feedback_token} />}
      {done && <Facts done={done} />}
      <footer>
        {done && traceId !== undefined && <RequestTrace traceId={traceId} />}
        <div class="actions">
          <CopyButton text={curlCommand(location.origin, turn.body, needsKey)} label="Copy as curl" />
          {isLast && (state === "failed" || state === "stopped") && (
            <button type="button" class="quiet" onClick={onAskAgain}>
              Ask again
            </button>
          )}
        </div>
      </footer>
    </article>
  );
}
