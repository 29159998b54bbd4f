import { useEffect, useState } from "preact/hooks";
import type { Status } from "#console/contract.ts";
import type { Address } from "../shell/address.ts";
import { useStatus } from "../shell/events.ts";
import { apiKey, HttpError } from "../shell/http.ts";
import { KeyForm } from "../shell/key-form.tsx";
import { type AskOptions, DEFAULT_TOP_K } from "./question/question-body.ts";
import { QuestionForm } from "./question/question-form.tsx";
import { Samples } from "./samples.tsx";
import { TurnView } from "./turn-view.tsx";
import { useConversation } from "./use-conversation.ts";

/** A conversation with the documents. */
export function AskView({ isShown }: { address: Address; isShown: boolean }) {
  const status = useStatus();
  const conversation = useConversation();
  const [options, setOptions] = useState<AskOptions>({ top_k: DEFAULT_TOP_K, topic_ids: [] });
  const [hasKey, setHasKey] = useState(() => apiKey.get() !== "");
  const obstacle = obstacleTo(status);
  const { turns, isRunning } = conversation;
  useEscape(isShown && isRunning, conversation.stop);

  const needsKey = typeof status === "object" && status.needsKey;
  const last = turns.at(-1);
  const isRefused = last?.error instanceof HttpError && last.error.status === 401;
  const isKeyMissing = isRefused || (needsKey && !hasKey);
  const ask = (question: string) => conversation.ask(question, options);
  const onKeySaved = () => {
    setHasKey(true);
    if (isRefused) conversation.ask(last.question, options, last);
  };
  return (
    <>
      <header class="title">
        <h1>Ask the documents</h1>
        {turns.length > 0 && (
          <button type="button" class="quiet" onClick={conversation.clear}>
            New conversation
          </button>
        )}
      </header>
      {turns.length === 0 && (
        <p class="intro muted">
          Answers come from the documents alone, name their sources, and say so when there is none. The sample corpus is
          the documentation of Edge RAG; <a href="#/documents">add documents of your own</a>.
        </p>
      )}
      {turns.map((turn) => (
        <TurnView
          key={turn.id}
          turn={turn}
          needsKey={needsKey}
          isLast={turn === turns.at(-1)}
          onAskAgain={() => conversation.ask(turn.question, options, turn)}
        />
      ))}
      <div class="asking">
        {isKeyMissing ? (
          <KeyForm onSaved={onKeySaved} />
        ) : (
          <QuestionForm
            isShown={isShown}
            isFollowUp={turns.length > 0}
            isRunning={isRunning}
            obstacle={obstacle}
            options={options}
            onOptions={setOptions}
            onAsk={ask}
            onStop={conversation.stop}
          />
        )}
      </div>
      {turns.length === 0 && <Samples isDisabled={obstacle !== undefined || isKeyMissing} onAsk={ask} />}
    </>
  );
}

/** Why no question can be asked now. */
function obstacleTo(status: Status | "gone" | undefined): string | undefined {
  if (status === undefined) return "Connecting…";
  if (status === "gone") return "npm run dev is not running: start it, and this page goes on by itself.";
  if (status.functions === "stopped") return "The functions have stopped: see the terminal with npm run dev.";
  if (status.reading) return "The sample corpus is being read: questions can be asked when it is done.";
  if (status.functions === "starting") return "The functions are starting.";
  return undefined;
}

/** Calls `run` when Escape is pressed anywhere. */
function useEscape(isActive: boolean, run: () => void): void {
  useEffect(() => {
    if (!isActive) return undefined;
    const listen = ({ key }: KeyboardEvent) => {
      if (key === "Escape") run();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, [isActive, run]);
}
