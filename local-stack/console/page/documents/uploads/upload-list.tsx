import { useMemo } from "preact/hooks";
import { addressOf } from "../../shell/address.ts";
import { ProgressBar } from "../../shell/parts.tsx";
import type { UploadSource } from "./new-uploads.ts";
import { isActive, type UploadItem, type UploadQueue, type UploadState } from "./upload-queue.ts";
import { countByKind, inOrderOfUrgency, summaryOf } from "./upload-summary.ts";

/** The files of this page, what becomes of each, and a bar for all of them. */
export function UploadList({ queue }: { queue: UploadQueue<UploadSource> }) {
  const items = queue.items();
  const counts = countByKind(items);
  const active = counts.waiting + counts.uploading + counts.reading;
  const total = items.length - counts.skipped;
  return (
    <>
      <p class="visually-hidden" role="status">
        {items.length > 0 && active === 0 ? `Done: ${summaryOf(counts)}` : ""}
      </p>
      {items.length > 0 && (
        <section class="uploads" aria-labelledby="uploads-title">
          <div class="title">
            <h2 id="uploads-title">Files</h2>
            <p class="muted">{summaryOf(counts)}</p>
            {active > 0 && (
              <button type="button" class="quiet" onClick={() => queue.cancel()}>
                Cancel all
              </button>
            )}
            {active === 0 && counts.failed + counts.cancelled > 0 && (
              <button type="button" class="quiet" onClick={queue.retry}>
                Try again
              </button>
            )}
            {active < items.length && (
              <button type="button" class="quiet" onClick={queue.clear}>
                Clear
              </button>
            )}
          </div>
          {active > 0 && <ProgressBar done={total - active} total={total} label="Files" />}
          <ul>
            {inOrderOfUrgency(items).map((item) => (
              <UploadRow key={item.key} item={item} onCancel={queue.cancel} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Drawn again only when its item changes: there may be thousands. */
function UploadRow({ item, onCancel }: { item: UploadItem; onCancel: (key: number) => void }) {
  return useMemo(() => {
    const { key, id, state } = item;
    return (
      <li class={`upload ${state.kind}`}>
        <span class="id">{state.kind === "stored" ? <a href={addressOf(["documents", id])}>{id}</a> : id}</span>
        <span class="state-text">
          <StateText state={state} />
        </span>
        {isActive(state) && (
          <button type="button" class="quiet" aria-label={`Cancel ${id}`} onClick={() => onCancel(key)}>
            Cancel
          </button>
        )}
        {state.kind === "uploading" && <progress value={state.sent} max={1} aria-label={`Uploading ${id}`} />}
      </li>
    );
  }, [item, onCancel]);
}

function StateText({ state }: { state: UploadState }) {
  switch (state.kind) {
    case "waiting":
      return <>Waiting</>;
    case "uploading":
      return <>Uploading {Math.floor(state.sent * 100)}&#x202f;%</>;
    case "reading":
      return <>Reading</>;
    case "cancelled":
      return <>Cancelled</>;
    case "skipped":
      return <>Skipped: {state.reason}</>;
    case "failed":
      return <>Failed: {state.reason}</>;
    case "stored": {
      const { status, chunks, left_out, trace_id } = state.result;
      return (
        <>
          {status === "created" ? "Stored" : status === "updated" ? "Updated" : "Unchanged"}, {chunks}{" "}
          {chunks === 1 ? "chunk" : "chunks"}
          {trace_id && (
            <>
              {", "}
              <a href={addressOf(["traces", trace_id])}>trace</a>
            </>
          )}
          {left_out.map((line) => (
            <span key={line} class="left-out">
              {line}
            </span>
          ))}
        </>
      );
    }
  }
}
