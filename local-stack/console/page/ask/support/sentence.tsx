import { useMemo } from "preact/hooks";
import type { SupportedSentence } from "#console/contract.ts";
import { MarkdownNodes } from "../../shell/markdown/markdown.tsx";
import { useMarkdown } from "../../shell/markdown/use-markdown.ts";
import { markRanges, visibleText } from "../../shell/markdown/visible-text.ts";
import { withCitations } from "../answer/cited-text.ts";
import { Footnote } from "../answer/footnote.tsx";
import { factRanges } from "./fact-ranges.ts";

/** What a line of a list or a quotation begins with. */
const LINE_START = /^\s*(?:(?:[-*+>]|\d+[.)])[ \t]+)*/;
const LABELS = {
  grounded: "Supported",
  partly_grounded: "Partly supported",
  not_grounded: "Not supported",
} as const;

interface SentenceProps {
  sentence: SupportedSentence;
  text: string;
  onOpen: (number: number) => void;
}

/** A sentence of an answer, with a bar of its support, the source that supports it best, and what no source says. */
export function Sentence({ sentence, text, onOpen }: SentenceProps) {
  const { score, label, denied, cited, unsupported_citations: unsupported, unsupported_facts: facts } = sentence;
  const { nodes: written } = useMarkdown(text.replace(LINE_START, "").trimEnd());
  const nodes = useMemo(() => {
    const nodes = withCitations(written, new Set(cited));
    const names = facts.map((fact) => fact.text);
    return markRanges(nodes, factRanges(visibleText(nodes), names));
  }, [written, cited, facts]);
  return (
    <li class={denied ? "denied" : label}>
      <div class="measure">
        <span class="number small">{score.toFixed(2)}</span>
        <span class="share" aria-hidden="true">
          <span style={{ width: `${score * 100}%` }} />
        </span>
      </div>
      <div class="sentence">
        <MarkdownNodes
          nodes={nodes}
          headingLevel={3}
          citation={(number) => (
            <Footnote key={number} number={number} isUnsupported={unsupported.includes(number)} onOpen={onOpen} />
          )}
        />
        <ul class="small">
          <li class="label">{denied ? "Denied by a source" : LABELS[label]}</li>
          {unsupported.map((number) => (
            <li key={number} class="tag failed">
              Source {number} does not say it
            </li>
          ))}
          {facts.map((fact, at) => (
            <li key={at} class="tag failed">
              In no source: {fact.text}
            </li>
          ))}
          <Sources sentence={sentence} />
        </ul>
      </div>
    </li>
  );
}

/** Which source supports it best, and whether that is one that it cites. */
function Sources({ sentence }: Pick<SentenceProps, "sentence">) {
  const { denied, cited, best, better, unsupported_citations: unsupported } = sentence;
  return (
    <>
      {cited.length === 0 && <li class="muted">No citation of its own</li>}
      {best && !unsupported.includes(best.index) && (
        <li class="muted">
          Source {best.index}
          {cited.length > 1 && ", best of those"}: {best.score.toFixed(2)}
        </li>
      )}
      {better && !denied && (
        <li class="muted">
          Source {better.index}, {cited.length === 0 ? "nearest" : "not cited, says more of it"}:{" "}
          {better.score.toFixed(2)}
        </li>
      )}
    </>
  );
}
