import { useState } from "preact/hooks";
import type { SupportResult } from "#console/contract.ts";
import { ErrorNote } from "../../shell/parts.tsx";
import type { Citation } from "../turns.ts";
import { Sentence } from "./sentence.tsx";
import { useSupport } from "./use-support.ts";

interface SupportProps {
  answer: string;
  citations: Citation[];
  onOpen: (number: number) => void;
}

/** How far the sources support each sentence of an answer, folded; computed when it is opened. */
export function Support(props: SupportProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="support" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary class="small">Support by the sources</summary>
      {isOpen && <LoadedSupport {...props} />}
    </details>
  );
}

function LoadedSupport({ answer, citations, onOpen }: SupportProps) {
  const { support, error } = useSupport({ answer, citations });
  if (error !== undefined) return <ErrorNote error={error} />;
  return (
    <>
      <p class="summary small" role="status">
        {support ? <Summary {...support} /> : <span class="muted">Comparing the answer with its sources…</span>}
      </p>
      <ol>
        {support?.sentences.map((sentence) => (
          <Sentence
            key={sentence.start}
            sentence={sentence}
            text={answer.slice(sentence.start, sentence.end)}
            onOpen={onOpen}
          />
        ))}
      </ol>
    </>
  );
}

function Summary({ score, sentences }: SupportResult) {
  if (score === null) return <span class="muted">The answer says nothing that could be looked up.</span>;
  const supported = sentences.filter(({ label }) => label === "grounded").length;
  return (
    <>
      <strong class="number">{score.toFixed(2)}</strong> groundedness, from 0 to 1{" "}
      <span class="muted">
        · {supported} of {sentences.length} {sentences.length === 1 ? "sentence" : "sentences"} supported
      </span>
    </>
  );
}
