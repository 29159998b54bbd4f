import { useEffect, useRef, useState } from "preact/hooks";
import { OptionsForm } from "./options-form.tsx";
import { type AskOptions, MAX_QUESTION_LENGTH } from "./question-body.ts";

export interface QuestionFormProps {
  isShown: boolean;
  isFollowUp: boolean;
  isRunning: boolean;
  /** Why nothing can be asked now. */
  obstacle: string | undefined;
  options: AskOptions;
  onOptions: (options: AskOptions) => void;
  onAsk: (question: string) => void;
  onStop: () => void;
}

/** The field for a question: Enter sends it, Shift+Enter begins a new line. */
export function QuestionForm(props: QuestionFormProps) {
  const { isShown, isFollowUp, isRunning, obstacle, options, onOptions, onAsk, onStop } = props;
  const [question, setQuestion] = useState("");
  const [isOptionsOpen, setIsOptionsOpen] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (isShown && obstacle === undefined) field.current?.focus({ preventScroll: true });
  }, [isShown, obstacle]);

  const canSend = obstacle === undefined && !isRunning && question.trim() !== "";
  const send = (event: Event) => {
    event.preventDefault();
    if (!canSend) return;
    onAsk(question.trim());
    setQuestion("");
    setIsOptionsOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  };
  return (
    <form class="question" onSubmit={send}>
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          aria-label="Question"
          aria-describedby={obstacle ? "obstacle" : undefined}
          placeholder={isFollowUp ? "Ask a follow-up" : "Ask a question"}
          maxLength={MAX_QUESTION_LENGTH}
          disabled={obstacle !== undefined}
          value={question}
          onInput={({ currentTarget }) => setQuestion(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {isRunning ? (
          <button type="button" onClick={onStop} aria-keyshortcuts="Escape">
            Stop
          </button>
        ) : (
          <button type="submit" disabled={!canSend}>
            Ask
          </button>
        )}
      </div>
      {obstacle && (
        <p id="obstacle" class="small muted">
          {obstacle}
        </p>
      )}
      <OptionsForm
        options={options}
        isDisabled={obstacle !== undefined}
        isOpen={isOptionsOpen}
        onToggle={setIsOptionsOpen}
        onChange={onOptions}
      />
    </form>
  );
}
