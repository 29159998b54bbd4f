import { useState } from "preact/hooks";
import { addressOf } from "../../shell/address.ts";
import { ErrorNote } from "../../shell/parts.tsx";
import { MissingTrace } from "../../traces/missing-trace.tsx";
import { useTrace } from "../../traces/use-trace.ts";
import { Waterfall } from "../../traces/waterfall/waterfall.tsx";

/** The trace of a request, folded; loaded when it is opened. */
export function RequestTrace({ traceId }: { traceId: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="request-trace" onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary class="small">Where the time went</summary>
      {isOpen && <LoadedTrace traceId={traceId} />}
    </details>
  );
}

function LoadedTrace({ traceId }: { traceId: string }) {
  const { trace, isMissing, error } = useTrace(traceId, true);
  if (error !== undefined) return <ErrorNote error={error} />;
  if (isMissing) return <MissingTrace id={traceId} />;
  if (!trace) return <p class="muted small">Loading the trace…</p>;
  return (
    <>
      <Waterfall trace={trace} />
      <p class="small">
        <a href={addressOf(["traces", traceId])}>The page of this trace</a>
      </p>
    </>
  );
}
