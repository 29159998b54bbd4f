import { useMemo, useState } from "preact/hooks";
import type { Candidate, LabResult } from "#console/contract.ts";
import { FindPassage } from "./find-passage.tsx";
import { RankingColumn } from "./ranking-column.tsx";
import { describeRanks, RANKINGS, type RankingName, ranksOf } from "./rankings.ts";

const LENGTHS = [10, 20, 50];

/** The four lists side by side; below each other's place where there is no room. */
export function Results({ result, isOld }: { result: LabResult; isOld: boolean }) {
  const [length, setLength] = useState(10);
  const [chosen, setChosen] = useState<RankingName>("reranked");
  const [pointed, setPointed] = useState<Candidate>();
  const ranks = useMemo(() => ranksOf(result), [result]);
  return (
    <section class="results" aria-labelledby="results-title">
      <h2 id="results-title" class="visually-hidden">
        Candidates
      </h2>
      {result.degraded.map(({ stage, reason }) => (
        <p key={stage} class="note warning" role="alert">
          {stage === "embedding" ? "The question could not be embedded: " : "The candidates could not be reranked: "}
          {reason}
        </p>
      ))}
      <div class="controls">
        <FindPassage result={result} ranks={ranks} onPoint={setPointed} />
        <label>
          Passages in each list{" "}
          <select value={length} onChange={({ currentTarget }) => setLength(Number(currentTarget.value))}>
            {LENGTHS.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
        <fieldset class="choice">
          <legend class="visually-hidden">List</legend>
          {RANKINGS.map(({ name, title }) => (
            <button
              key={name}
              type="button"
              class="quiet"
              aria-pressed={name === chosen}
              onClick={() => setChosen(name)}
            >
              {title}
            </button>
          ))}
        </fieldset>
      </div>
      <div class="columns" aria-busy={isOld} data-chosen={chosen}>
        {RANKINGS.map((ranking) => (
          <RankingColumn
            key={ranking.name}
            ranking={ranking}
            result={result}
            length={length}
            ranks={ranks}
            pointed={pointed?.chunk_id}
            onPoint={setPointed}
          />
        ))}
      </div>
      <p class="pointed small" role="status">
        {pointed ? (
          <>
            <strong>{pointed.heading || pointed.title || pointed.document_id}</strong>{" "}
            {describeRanks(ranks.get(pointed.chunk_id) ?? {})}
          </>
        ) : (
          <span class="muted">Point at a passage, or move the focus to it, to see where it is in each list.</span>
        )}
      </p>
    </section>
  );
}
