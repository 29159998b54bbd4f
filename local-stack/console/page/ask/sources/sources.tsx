import { useMemo } from "preact/hooks";
import { addressOf } from "../../shell/address.ts";
import { MarkdownNodes } from "../../shell/markdown/markdown.tsx";
import { useMarkdown } from "../../shell/markdown/use-markdown.ts";
import { markRanges, visibleText } from "../../shell/markdown/visible-text.ts";
import { citedNumbers } from "../answer/cited-text.ts";
import type { Citation, Turn } from "../turns.ts";
import { quotedRanges } from "./quoted-ranges.ts";
import { quotationsOf, statementsOf } from "./quotes.ts";
import { sourceId } from "./source-id.ts";

interface SourcesProps {
  turn: Turn;
  opened: ReadonlySet<number>;
  onToggle: (number: number, isOpen: boolean) => void;
}

/** The passages that the answer was made of: those that it cites, and the others folded. */
export function Sources({ turn, opened, onToggle }: SourcesProps) {
  const { id, text, citations = [], done } = turn;
  const cited = useMemo(() => citedNumbers(text, new Set(citations.map(({ index }) => index))), [text, citations]);
  const [first, others] = [true, false].map((isCited) => citations.filter(({ index }) => cited.has(index) === isCited));
  const list = (sources: Citation[] = []) => (
    <ol class="sources">
      {sources.map((citation) => (
        <Source
          key={citation.index}
          id={sourceId(id, citation.index)}
          citation={citation}
          answer={text}
          isQuotation={done?.highlights !== undefined}
          isOpen={opened.has(citation.index)}
          onToggle={(isOpen) => onToggle(citation.index, isOpen)}
        />
      ))}
    </ol>
  );
  if (citations.length === 0) return <p class="muted small">No passage was found.</p>;
  if (cited.size === 0) {
    return (
      <section>
        <h3>{done?.answered === false ? "What came nearest" : "What was found"}</h3>
        {list(citations)}
      </section>
    );
  }
  const count = others?.length ?? 0;
  return (
    <section>
      <h3>Sources</h3>
      {list(first)}
      {count > 0 && (
        <details class="others">
          <summary class="small muted">
            {count} more {count === 1 ? "passage that was" : "passages that were"} given
          </summary>
          {list(others)}
        </details>
      )}
    </section>
  );
}

interface PassageProps {
  citation: Citation;
  answer: string;
  /** Whether the answer is made of quotations, without a language model. */
  isQuotation: boolean;
}

interface SourceProps extends PassageProps {
  id: string;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
}

function Source({ id, isOpen, onToggle, ...passage }: SourceProps) {
  const { index, title, document_id, score, text } = passage.citation;
  const heading = useMemo(() => headingIn(text), [text]);
  return (
    <li>
      <details open={isOpen} onToggle={({ currentTarget }) => onToggle(currentTarget.open)}>
        <summary id={id}>
          <span class="footnote">{index}</span>
          <span class="source">
            <span class="title">{heading === "" || heading === title ? title : `${title} › ${heading}`}</span>{" "}
            <span class="muted small">{document_id}</span>
          </span>
          <span class="number muted small" title="Relevance, from 0 to 1">
            {score.toFixed(2)}
          </span>
        </summary>
        {isOpen && <Passage {...passage} />}
      </details>
    </li>
  );
}

/** The passage, with what the answer has of it marked, and where it is from. */
function Passage({ citation, answer, isQuotation }: PassageProps) {
  const { index, text, document_id, url } = citation;
  const { nodes: passage } = useMarkdown(text);
  const nodes = useMemo(() => {
    const quotes = isQuotation ? quotationsOf(answer, index) : statementsOf(answer, index);
    return markRanges(passage, quotedRanges(visibleText(passage), quotes));
  }, [passage, answer, index, isQuotation]);
  return (
    <div class="passage">
      <MarkdownNodes nodes={nodes} headingLevel={4} />
      <p class="small">
        <a href={addressOf(["documents", document_id])}>The whole document</a>
        {url !== undefined && /^https?:\/\//i.test(url) && (
          <>
            {" · "}
            <a href={url} target="_blank" rel="noreferrer noopener">
              {url}
            </a>
          </>
        )}
      </p>
    </div>
  );
}

/** The heading that a passage begins with, without marks of its text; "" for none. */
function headingIn(text: string): string {
  const [, heading = ""] = /^\s*#{1,6}[ \t]+(.*)/.exec(text) ?? [];
  return heading.replace(/[ \t#]+$/, "").replace(/[`*]/g, "");
}
