import { useEffect, useState } from "preact/hooks";
import { type Address, addressOf } from "../shell/address.ts";
import { ErrorOrKey } from "../shell/error-or-key.tsx";
import { useStatus } from "../shell/events.ts";
import { Empty } from "../shell/parts.tsx";
import { readTopicIds } from "../shell/topic-ids.ts";
import { QuestionForm } from "./question-form.tsx";
import { Results } from "./results.tsx";
import { useLab } from "./use-lab.ts";

const EXAMPLE = "How do I turn telemetry off?";

/** `#/lab?q=…&topics=…`: where each step of the search puts the passages for a question. */
export function LabView({ address, isShown }: { address: Address; isShown: boolean }) {
  const status = useStatus();
  const isReady = status !== "gone" && status?.functions === "ready" && status.reading === undefined;
  const { result, error, isSearching, search } = useLab();
  // They stay while another view is shown.
  const [asked, setAsked] = useState({ question: "", topics: "" });
  const question = address.query.get("q") ?? "";
  const topics = address.query.get("topics") ?? "";
  useEffect(() => {
    if (isShown && question !== "") setAsked({ question, topics });
  }, [isShown, question, topics]);
  useEffect(() => {
    if (isReady && asked.question !== "") search({ ...asked, topicIds: readTopicIds(asked.topics) ?? [] });
  }, [isReady, asked]);

  return (
    <>
      <h1>Search lab</h1>
      <p class="muted">Why a passage was found, or missed: where each step of the search puts it.</p>
      <QuestionForm
        key={`${asked.question}\n${asked.topics}`}
        asked={asked}
        isSearching={isSearching}
        onAsk={(next) => {
          setAsked({ ...next });
          location.hash = addressOf(["lab"], { q: next.question, ...(next.topics !== "" && { topics: next.topics }) });
        }}
      />
      <p class="muted searching" role="status">
        {isSearching ? "Searching. The first search also loads the model, which takes some seconds." : ""}
      </p>
      {error !== undefined && <ErrorOrKey error={error} onKey={() => setAsked({ ...asked })} />}
      {result && <Results key={result.question} result={result} isOld={isSearching} />}
      {!result && !isSearching && error === undefined && (
        <Empty title="No question yet">
          <p>
            Try <a href={addressOf(["lab"], { q: EXAMPLE })}>{EXAMPLE}</a>
          </p>
        </Empty>
      )}
    </>
  );
}
