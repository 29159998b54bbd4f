import { useEffect, useState } from "preact/hooks";
import { getJson } from "../../shell/http.ts";
import { ErrorNote } from "../../shell/parts.tsx";
import type { AskOptions } from "./question-body.ts";
import { readTopics } from "./topics.ts";

const MAX_TOP_K = 50;

export interface OptionsFormProps {
  options: AskOptions;
  isDisabled: boolean;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
  onChange: (options: AskOptions) => void;
}

/** How many passages, and of which topics: those that the documents have, read when it is opened. */
export function OptionsForm({ options, isDisabled, isOpen, onToggle, onChange }: OptionsFormProps) {
  const [topics, setTopics] = useState<number[]>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!isOpen) return;
    setError(undefined);
    readTopics(getJson).then(setTopics, setError);
  }, [isOpen]);
  const toggle = (topic: number) => {
    const { topic_ids } = options;
    const changed = topic_ids.includes(topic) ? topic_ids.filter((id) => id !== topic) : [...topic_ids, topic];
    onChange({ ...options, topic_ids: changed.sort((a, b) => a - b) });
  };
  return (
    <details class="options" open={isOpen} onToggle={({ currentTarget }) => onToggle(currentTarget.open)}>
      <summary class="small">{summaryOf(options)}</summary>
      <div class="fields">
        <label>
          Passages{" "}
          <input
            type="number"
            class="number"
            min={1}
            max={MAX_TOP_K}
            value={options.top_k}
            disabled={isDisabled}
            onChange={({ currentTarget }) => {
              const top_k = Math.min(Math.max(Math.round(currentTarget.valueAsNumber) || 1, 1), MAX_TOP_K);
              currentTarget.value = String(top_k);
              onChange({ ...options, top_k });
            }}
          />
        </label>
        <fieldset disabled={isDisabled}>
          <legend>Topics</legend>
          {topics === undefined && error === undefined && <p class="muted small">Reading the topics…</p>}
          {topics?.length === 0 && <p class="muted small">No document has a topic, so there is nothing to choose.</p>}
          {topics?.map((topic) => (
            <label key={topic}>
              <input type="checkbox" checked={options.topic_ids.includes(topic)} onChange={() => toggle(topic)} />
              {topic}
            </label>
          ))}
          {error !== undefined && <ErrorNote error={error} />}
        </fieldset>
      </div>
    </details>
  );
}

function summaryOf({ top_k, topic_ids }: AskOptions): string {
  const passages = `${top_k} ${top_k === 1 ? "passage" : "passages"}`;
  const topics =
    topic_ids.length === 0 ? "all topics" : `${topic_ids.length === 1 ? "topic" : "topics"} ${topic_ids.join(", ")}`;
  return `${passages}, ${topics}`;
}
