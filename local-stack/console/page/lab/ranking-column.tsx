import type { Candidate, LabResult } from "#console/contract.ts";
import { duration } from "../shell/format.ts";
import { PassageCard } from "./passage-card.tsx";
import type { RANKINGS, Ranks } from "./rankings.ts";

interface RankingColumnProps {
  ranking: (typeof RANKINGS)[number];
  result: LabResult;
  /** Passages that are shown. */
  length: number;
  ranks: ReadonlyMap<string, Ranks>;
  /** The chunk that is marked in all lists. */
  pointed: string | undefined;
  onPoint: (candidate: Candidate) => void;
}

/** One list of candidates, with what its scores are and how long it took. */
export function RankingColumn({ ranking, result, length, ranks, pointed, onPoint }: RankingColumnProps) {
  const { name, title, letter, scoreOf } = ranking;
  const candidates = result[name];
  const { timings_ms } = result;
  const ms =
    name === "meaning" ? timings_ms.embedding + timings_ms.meaning : timings_ms[name === "reranked" ? "rerank" : name];
  const isSkipped = result.degraded.some(({ stage }) => stage === (name === "meaning" ? "embedding" : "rerank"));
  return (
    <section class={`column ${name}`} aria-labelledby={`lab-${name}`}>
      <div class="head">
        <h3 id={`lab-${name}`}>
          {title}{" "}
          <span class="muted" aria-hidden="true">
            {letter}
          </span>
        </h3>
        <span class="number muted small">{duration(ms)}</span>
        <p class="muted small">{scoreOf(result.models)}</p>
      </div>
      {candidates.length === 0 && (
        <p class="muted small">
          {isSkipped && name !== "words" && name !== "fused" ? "Skipped." : "Nothing was found."}
        </p>
      )}
      <ol>
        {candidates.slice(0, length).map((candidate, index) => (
          <PassageCard
            key={candidate.chunk_id}
            candidate={candidate}
            rank={index + 1}
            ranking={name}
            ranks={ranks.get(candidate.chunk_id)}
            isPointed={candidate.chunk_id === pointed}
            onPoint={onPoint}
          />
        ))}
      </ol>
    </section>
  );
}
