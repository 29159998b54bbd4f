import { useMemo, useState } from "preact/hooks";
import type { Candidate } from "#console/contract.ts";
import { addressOf } from "../shell/address.ts";
import { foldedFrom, piecesOf } from "./marked-text.ts";
import { describeRanks, RANKINGS, type RankingName, type Ranks } from "./rankings.ts";

/** Three lines have as much, in the narrowest column. */
const SHORT = 80;

interface PassageCardProps {
  candidate: Candidate;
  rank: number;
  /** The list that it is in. */
  ranking: RankingName;
  ranks: Ranks | undefined;
  isPointed: boolean;
  onPoint: (candidate: Candidate) => void;
}

/** A passage in a list, folded to three lines. Drawn again only when something of it changes: there are up to 200. */
export function PassageCard({ candidate, rank, ranking, ranks = {}, isPointed, onPoint }: PassageCardProps) {
  const [isOpen, setIsOpen] = useState(false);
  return useMemo(() => {
    const { chunk_id, document_id, title, heading, text, score, marks, parts } = candidate;
    const point = () => onPoint(candidate);
    const from = isOpen ? 0 : foldedFrom(text, marks);
    const shifted = marks.map(({ start, end }) => ({ start: start - from, end: end - from }));
    // The headings begin with the title, if the text does.
    const below =
      heading === title ? "" : heading.startsWith(`${title} > `) ? heading.slice(title.length + 3) : heading;
    return (
      <li
        class="passage"
        id={`lab-${ranking}-${chunk_id}`}
        data-pointed={isPointed}
        onPointerEnter={point}
        onFocusIn={point}
      >
        <div class="line">
          <span class="rank number">{rank}</span>
          <a href={addressOf(["documents", document_id], { chunk: chunk_id })}>{title || document_id}</a>
          <span class="score number">{score.toFixed(3)}</span>
        </div>
        {below !== "" && <p class="heading muted small">{below}</p>}
        <p class={isOpen ? "text open" : "text"}>
          {from > 0 && "… "}
          {piecesOf(text.slice(from), shifted).map(({ text, isMarked }, at) =>
            isMarked ? <mark key={at}>{text}</mark> : text,
          )}
        </p>
        {parts && <Parts parts={parts} />}
        <div class="line">
          <span class="places small" aria-hidden="true">
            {RANKINGS.map(({ name, letter, title }) => (
              <span key={name} class={ranks[name] === undefined ? "place missing" : "place"} title={title}>
                {letter} {ranks[name] ?? "–"}
              </span>
            ))}
          </span>
          <span class="visually-hidden">{describeRanks(ranks)}</span>
          {text.length > SHORT && (
            <button
              type="button"
              class="quiet small"
              aria-expanded={isOpen}
              aria-label={`${isOpen ? "Fold" : "Show all of"} passage ${rank}`}
              onClick={() => setIsOpen(!isOpen)}
            >
              {isOpen ? "Fold" : "Show all"}
            </button>
          )}
        </div>
      </li>
    );
  }, [candidate, rank, ranking, ranks, isPointed, isOpen, onPoint]);
}

/** What the score is made of. */
function Parts({ parts }: { parts: NonNullable<Candidate["parts"]> }) {
  const { place, ...features } = parts;
  return (
    <dl class="parts small">
      {Object.entries(features).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="number">{value.toFixed(2)}</dd>
        </div>
      ))}
      <div>
        <dt>place</dt>
        <dd class="number">×{place.toFixed(2)}</dd>
      </div>
    </dl>
  );
}
