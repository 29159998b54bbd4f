import { useMemo, useState } from "preact/hooks";
import type { MarkdownNode } from "#console/markdown/nodes.ts";
import { MarkdownNodes } from "../../shell/markdown/markdown.tsx";
import { useMarkdown } from "../../shell/markdown/use-markdown.ts";
import { ErrorNote } from "../../shell/parts.tsx";
import { sourceId } from "../sources/source-id.ts";
import { Sources } from "../sources/sources.tsx";
import { Support } from "../support/support.tsx";
import type { Turn } from "../turns.ts";
import { withCitations } from "./cited-text.ts";
import { Footnote } from "./footnote.tsx";
import { readQuotations } from "./quotation.ts";

/** The answer as far as it is written, and below it its sources, which its footnotes open. */
export function AnswerView({ turn }: { turn: Turn }) {
  const { id, state, text, citations, done, error } = turn;
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const { nodes: written, isRead } = useMarkdown(done?.highlights ? "" : text);
  const nodes = useMemo(() => answerNodes(turn, written), [text, citations, done, written]);
  const open = (number: number, isOpen = true) => {
    const changed = new Set(opened);
    if (isOpen) changed.add(number);
    else changed.delete(number);
    setOpened(changed);
  };
  const goTo = (number: number) => {
    open(number);
    // Once it is open, and as tall as it then is.
    requestAnimationFrame(() => document.getElementById(sourceId(id, number))?.focus());
  };
  const footnote = (number: number) => <Footnote key={number} number={number} onOpen={goTo} />;
  return (
    <>
      <div class="answer" aria-live="polite" aria-busy={state === "running" || !isRead}>
        {done?.answered === false && <p class="tag">Not in the documents</p>}
        {text !== "" && <MarkdownNodes nodes={nodes} headingLevel={3} citation={footnote} />}
        {state === "running" && text === "" && <p class="muted waiting">{waitingFor(turn)}</p>}
        {state === "stopped" && <p class="muted small stopped">Stopped before the end.</p>}
      </div>
      {error !== undefined && <ErrorNote error={error} />}
      {citations && done?.answered && <Support answer={text} citations={citations} onOpen={goTo} />}
      {citations && state !== "running" && <Sources turn={turn} opened={opened} onToggle={open} />}
    </>
  );
}

/** An answer without a model is made of quotations, in which words of the question are highlighted. */
function answerNodes({ text, citations, done }: Turn, written: readonly MarkdownNode[]): MarkdownNode[] {
  const nodes = done?.highlights ? readQuotations(text, done.highlights) : written;
  return withCitations(nodes, new Set(citations?.map(({ index }) => index)));
}

function waitingFor({ citations }: Turn): string {
  if (citations === undefined) return "Searching…";
  return `${citations.length} ${citations.length === 1 ? "passage" : "passages"} found, writing the answer…`;
}
