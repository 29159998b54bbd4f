import { useState } from "preact/hooks";
import { readTopicIds } from "../shell/topic-ids.ts";

export interface LabFields {
  question: string;
  /** As typed. */
  topics: string;
}

interface QuestionFormProps {
  asked: LabFields;
  isSearching: boolean;
  onAsk: (fields: LabFields) => void;
}

export function QuestionForm({ asked, isSearching, onAsk }: QuestionFormProps) {
  const [fields, setFields] = useState(asked);
  const areTopicsValid = readTopicIds(fields.topics) !== undefined;
  const isComplete = fields.question.trim() !== "" && areTopicsValid;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isComplete) onAsk({ ...fields, question: fields.question.trim() });
  };
  return (
    <form class="question" onSubmit={submit}>
      <label class="text">
        Question
        <input
          type="search"
          value={fields.question}
          onInput={({ currentTarget }) => setFields({ ...fields, question: currentTarget.value })}
        />
      </label>
      <label class="topics">
        Topics
        <input
          value={fields.topics}
          placeholder="all"
          aria-invalid={!areTopicsValid}
          aria-describedby="lab-topics-hint"
          onInput={({ currentTarget }) => setFields({ ...fields, topics: currentTarget.value })}
        />
      </label>
      <button type="submit" disabled={!isComplete || isSearching}>
        Search
      </button>
      <p id="lab-topics-hint" class="invalid small" hidden={areTopicsValid}>
        Topics are whole numbers, separated by commas.
      </p>
    </form>
  );
}
