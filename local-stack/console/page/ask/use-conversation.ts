import { useCallback, useReducer, useRef } from "preact/hooks";
import { ask } from "./ask.ts";
import { type AskOptions, questionBody } from "./question/question-body.ts";
import { conversation, exchangesOf, type Turn } from "./turns.ts";

export interface Conversation {
  turns: readonly Turn[];
  isRunning: boolean;
  /** @param replaced the turn that is asked again */
  ask(question: string, options: AskOptions, replaced?: Turn): void;
  stop(): void;
  /** Forgets all turns. */
  clear(): void;
}

/** The conversation of this page: one question at a time. */
export function useConversation(): Conversation {
  const [turns, dispatch] = useReducer(conversation, []);
  const running = useRef<AbortController>(undefined);
  const lastId = useRef(0);
  const stop = useCallback(() => running.current?.abort(), []);
  return {
    turns,
    isRunning: turns.some(({ state }) => state === "running"),
    ask(question, options, replaced) {
      stop();
      const controller = new AbortController();
      running.current = controller;
      lastId.current += 1;
      const id = lastId.current;
      const before = turns.filter((turn) => turn !== replaced);
      const body = questionBody(question, exchangesOf(before), options);
      dispatch({ type: "asked", id, question, body, ...(replaced && { replaced: replaced.id }) });
      void ask(body, controller.signal, (event) => dispatch({ type: "event", id, event }));
    },
    stop,
    clear() {
      stop();
      dispatch({ type: "cleared" });
    },
  };
}
