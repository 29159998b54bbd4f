import type { QueryEvents, QueryResponse } from "#http/schemas/responses.ts";
import type { Exchange, QuestionBody } from "./question/question-body.ts";

export type Citation = QueryResponse["citations"][number];
export type Done = QueryEvents["done"];

/** A question of the conversation, and what has come of it so far. */
export interface Turn {
  id: number;
  question: string;
  /** The request that was sent. */
  body: QuestionBody;
  state: "running" | "answered" | "stopped" | "failed";
  /** The answer as far as it has been written. */
  text: string;
  /** Absent until they have arrived. */
  citations?: Citation[];
  rewritten?: string;
  degraded: string[];
  traceId?: string;
  done?: Done;
  error?: unknown;
}

export type TurnEvent =
  | { [Name in keyof QueryEvents]: { type: Name; data: QueryEvents[Name] } }[keyof QueryEvents]
  | { type: "stopped" }
  | { type: "failed"; error: unknown; citations?: Citation[]; traceId?: string };

export type ConversationAction =
  /** `replaced`: the turn that is asked again. */
  | { type: "asked"; id: number; question: string; body: QuestionBody; replaced?: number }
  | { type: "event"; id: number; event: TurnEvent }
  | { type: "cleared" };

/** The conversation after an action. Events of a turn that is over, or not there any more, change nothing. */
export function conversation(turns: readonly Turn[], action: ConversationAction): readonly Turn[] {
  if (action.type === "cleared") return [];
  if (action.type === "asked") {
    const { id, question, body, replaced } = action;
    return [
      ...turns.filter((turn) => turn.id !== replaced),
      { id, question, body, state: "running", text: "", degraded: [] },
    ];
  }
  return turns.map((turn) =>
    turn.id === action.id && turn.state === "running" ? afterEvent(turn, action.event) : turn,
  );
}

function afterEvent(turn: Turn, event: TurnEvent): Turn {
  switch (event.type) {
    case "citations": {
      const { citations, degraded, rewritten_question: rewritten, trace_id: traceId } = event.data;
      return { ...turn, citations, degraded, traceId, ...(rewritten !== undefined && { rewritten }) };
    }
    case "delta":
      return { ...turn, text: turn.text + event.data.text };
    case "done": {
      const { answer: text, degraded, trace_id: traceId } = event.data;
      return { ...turn, state: "answered", text, degraded, traceId, done: event.data };
    }
    case "stopped":
      return { ...turn, state: "stopped" };
    case "failed": {
      const { error, citations = turn.citations, traceId = turn.traceId } = event;
      return { ...turn, state: "failed", error, ...(citations && { citations }), ...(traceId && { traceId }) };
    }
  }
}

/** What a follow-up refers to. */
export function exchangesOf(turns: readonly Turn[]): Exchange[] {
  return turns.filter(({ state }) => state === "answered").map(({ question, text }) => ({ question, answer: text }));
}
