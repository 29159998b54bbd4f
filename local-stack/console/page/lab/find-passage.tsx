import { useEffect, useMemo, useState } from "preact/hooks";
import type { Candidate, LabResult } from "#console/contract.ts";
import { getJson } from "../shell/http.ts";
import { CANDIDATES, describeRanks, findPassages, type Ranks } from "./rankings.ts";

interface FindPassageProps {
  result: LabResult;
  ranks: ReadonlyMap<string, Ranks>;
  onPoint: (candidate: Candidate) => void;
}

const MAX_SHOWN = 8;
const TYPING_MS = 250;

/** Says where a passage is that somebody expected, or that it was not found. */
export function FindPassage({ result, ranks, onPoint }: FindPassageProps) {
  const [text, setText] = useState("");
  const found = useMemo(() => findPassages(result, text), [result, text]);
  const isMissing = text.trim() !== "" && found.length === 0;
  const stored = useStoredId(isMissing ? text.trim() : "");
  return (
    <div class="find">
      <label>
        Where is…?
        <input
          type="search"
          value={text}
          placeholder="id of a document, or words of the passage"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <div role="status">
        {isMissing && (
          <p class="note">
            No passage with this is among the first {CANDIDATES} of any list.{" "}
            {stored !== undefined && (
              <>
                <a href={`#/documents/${encodeURIComponent(stored)}`}>{stored}</a> is stored, and none of its passages
                is near the question.
              </>
            )}
          </p>
        )}
        {found.length > 0 && (
          <ul>
            {found.slice(0, MAX_SHOWN).map((candidate) => (
              <li key={candidate.chunk_id}>
                <button type="button" class="quiet" onClick={() => onPoint(candidate)}>
                  {candidate.heading || candidate.title || candidate.document_id}
                </button>{" "}
                <span class="small muted">
                  {candidate.document_id}: {describeRanks(ranks.get(candidate.chunk_id) ?? {})}
                </span>
              </li>
            ))}
            {found.length > MAX_SHOWN && <li class="muted small">and {found.length - MAX_SHOWN} more</li>}
          </ul>
        )}
      </div>
    </div>
  );
}

/** The first document whose id begins with the text; `undefined` for none. */
function useStoredId(prefix: string): string | undefined {
  const [id, setId] = useState<string>();
  useEffect(() => {
    setId(undefined);
    if (prefix === "") return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      getJson<{ documents: { id: string }[] }>(
        `/embed?${new URLSearchParams({ prefix, limit: "1" })}`,
        controller.signal,
      )
        .then(({ documents }) => setId(documents[0]?.id))
        // Only a hint.
        .catch(() => {});
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [prefix]);
  return id;
}
