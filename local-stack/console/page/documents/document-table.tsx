import { addressOf } from "../shell/address.ts";
import { ErrorOrKey } from "../shell/error-or-key.tsx";
import { Empty } from "../shell/parts.tsx";
import { dateTime } from "./date-time.ts";
import type { PendingDelete, PendingDeletes } from "./deletes/pending-deletes.ts";
import type { ListedDocument } from "./documents-api.ts";
import type { DocumentList } from "./use-document-list.ts";

interface DocumentTableProps {
  list: DocumentList;
  prefix: string;
  onPrefix: (prefix: string) => void;
  deletes: PendingDeletes;
  onDelete: (id: string) => void;
}

/** The documents, without those that are being deleted. */
export function DocumentTable({ list, prefix, onPrefix, deletes, onDelete }: DocumentTableProps) {
  const pending = new Map(deletes.list().map((one) => [one.id, one]));
  const documents = list.page?.documents.filter(({ id }) => (pending.get(id)?.state ?? "failed") === "failed");
  const isMore = list.page?.next_cursor !== undefined;
  return (
    <section class="library" aria-labelledby="library-title">
      <div class="title">
        <h2 id="library-title">Stored</h2>
        {documents && (
          <p class="muted">
            {documents.length.toLocaleString("en")}
            {isMore ? " so far" : ""}
          </p>
        )}
        <label>
          <span class="visually-hidden">Beginning of the id</span>
          <input
            type="search"
            value={prefix}
            placeholder="Id begins with…"
            onInput={({ currentTarget }) => onPrefix(currentTarget.value)}
          />
        </label>
      </div>
      {list.error !== undefined && <ErrorOrKey error={list.error} onKey={list.reload} />}
      {documents === undefined && list.error === undefined && <p class="muted">Reading the list…</p>}
      {documents?.length === 0 && !isMore && (
        <Empty title={prefix === "" ? "No documents yet" : "No id begins like this"}>
          {prefix === "" && <p>Add some above, and ask about them.</p>}
        </Empty>
      )}
      {documents && documents.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Document</th>
              <th scope="col" class="number">
                Chunks
              </th>
              <th scope="col">Topics</th>
              <th scope="col">Updated</th>
              <th scope="col">
                <span class="visually-hidden">Delete</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {documents.map((document) => (
              <DocumentRow
                key={document.id}
                document={document}
                failure={pending.get(document.id)}
                onDelete={onDelete}
                onSeen={deletes.undo}
              />
            ))}
          </tbody>
        </table>
      )}
      {isMore && (
        <button type="button" class="quiet" onClick={list.more}>
          Show more
        </button>
      )}
    </section>
  );
}

interface DocumentRowProps {
  document: ListedDocument;
  /** Why it could not be deleted. */
  failure: PendingDelete | undefined;
  onDelete: (id: string) => void;
  onSeen: (id: string) => void;
}

function DocumentRow({ document, failure, onDelete, onSeen }: DocumentRowProps) {
  const { id, title, chunks, topic_ids, updated_at } = document;
  const remove = ({ currentTarget }: { currentTarget: HTMLElement }) => {
    neighbourOf(currentTarget)?.focus();
    onDelete(id);
  };
  return (
    <tr>
      <td class="document">
        <a href={addressOf(["documents", id])}>{title === "" ? id : title}</a>
        {title !== "" && title !== id && <span class="id">{id}</span>}
        {failure && (
          <p class="note error" role="alert">
            Not deleted: {failure.reason}{" "}
            <button type="button" class="quiet" onClick={() => onSeen(id)}>
              Close
            </button>
          </p>
        )}
      </td>
      <td class="number" data-label="Chunks">
        {chunks.toLocaleString("en")}
      </td>
      <td data-label="Topics">{topic_ids.join(", ")}</td>
      <td class="when" data-label="Updated">
        {updated_at && <time dateTime={updated_at}>{dateTime(updated_at)}</time>}
      </td>
      <td class="delete">
        <button type="button" class="quiet" data-document={id} aria-label={`Delete ${id}`} onClick={remove}>
          Delete
        </button>
      </td>
    </tr>
  );
}

/** The button of the row below, or above: the focus goes on from a row that disappears. */
function neighbourOf(button: HTMLElement): HTMLElement | null | undefined {
  const row = button.closest("tr");
  return (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector<HTMLElement>("[data-document]");
}
