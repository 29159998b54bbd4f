import { useEffect, useState } from "preact/hooks";
import type { Trace, TraceSummary } from "#console/contract.ts";
import { addressOf } from "../shell/address.ts";
import { pastedTraceId } from "./list/trace-filter.ts";
import { tracesBefore } from "./list/use-trace-list.ts";
import { when } from "./when.ts";

/** Ways to the comparison with another trace: the previous one of its kind, or one whose id is entered. */
export function CompareWith({ trace }: { trace: Trace }) {
  const [previous, setPrevious] = useState<TraceSummary>();
  const [isInvalid, setIsInvalid] = useState(false);
  const compare = (other: string) => addressOf(["traces", trace.trace_id], { with: other });
  useEffect(() => {
    let isCurrent = true;
    // Without an earlier one, there is only the field.
    tracesBefore(trace).then(
      (traces) =>
        isCurrent &&
        setPrevious(traces.find(({ name, trace_id }) => name === trace.name && trace_id !== trace.trace_id)),
      () => {},
    );
    return () => {
      isCurrent = false;
    };
  }, [trace.trace_id]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget as HTMLFormElement).get("id");
    const id = pastedTraceId(String(entered));
    setIsInvalid(id === undefined);
    if (id) location.hash = compare(id);
  };
  return (
    <section class="compare-with" aria-label="Compare">
      <h2>Compare</h2>
      {previous && (
        <p>
          <a href={compare(previous.trace_id)}>
            With the previous {trace.name} of {when(previous.start_ms)}
          </a>
        </p>
      )}
      <form onSubmit={submit}>
        <label>
          With the trace
          <input name="id" placeholder="Trace id" aria-invalid={isInvalid} autocomplete="off" />
        </label>
        <button type="submit" class="quiet">
          Compare
        </button>
      </form>
      {isInvalid && (
        <p class="small" role="alert">
          A trace id has 32 hexadecimal digits.
        </p>
      )}
    </section>
  );
}
