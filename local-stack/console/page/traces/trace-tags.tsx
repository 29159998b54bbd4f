import type { TraceSummary } from "#console/contract.ts";

/** What is out of the ordinary about a trace. */
export function TraceTags({ trace: { failed, degraded, cold_start } }: { trace: TraceSummary }) {
  return (
    <>
      {failed && <span class="tag failed">failed</span>}
      {degraded.map((stage) => (
        <span key={stage} class="tag warning">
          without {stage}
        </span>
      ))}
      {cold_start && <span class="tag">cold start</span>}
    </>
  );
}

/** The class of an HTTP status that is no success. */
export function statusTone(status: number | undefined): "failed" | "warning" | undefined {
  if (status === undefined || status < 400) return undefined;
  return status >= 500 ? "failed" : "warning";
}
