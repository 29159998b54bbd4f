import type { Trace } from "#console/contract.ts";
import { ErrorNote } from "../shell/parts.tsx";
import { CompareWith } from "./compare-with.tsx";
import { MissingTrace } from "./missing-trace.tsx";
import { TraceSummaryLine } from "./trace-summary.tsx";
import { useTrace } from "./use-trace.ts";
import { Waterfall } from "./waterfall/waterfall.tsx";

/** One trace: what it was, and where its time went. */
export function TracePage({ id, isShown }: { id: string; isShown: boolean }) {
  const { trace, isMissing, error } = useTrace(id, isShown);
  return (
    <>
      <h1>{trace?.name ?? "Trace"}</h1>
      {error !== undefined && <ErrorNote error={error} />}
      {isMissing && <MissingTrace id={id} />}
      {trace && (
        <>
          <TraceSummaryLine trace={trace} />
          {isArriving(trace) && (
            <p class="note small" role="status">
              Spans are still arriving: the first one, which spans the whole trace, is missing.
            </p>
          )}
          <Waterfall trace={trace} />
          <CompareWith trace={trace} />
        </>
      )}
    </>
  );
}

/** Whether the root is missing. A server's or consumer's span with a parent elsewhere is the root of this service. */
function isArriving({ tree }: Trace): boolean {
  const ids = new Set(tree.map(({ span_id }) => span_id));
  const roots = tree.filter(({ parent_id }) => parent_id === undefined || !ids.has(parent_id));
  return !roots.some(({ parent_id, kind }) => parent_id === undefined || kind === "server" || kind === "consumer");
}
