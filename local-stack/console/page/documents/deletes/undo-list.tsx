import { useEffect } from "preact/hooks";
import type { PendingDeletes } from "./pending-deletes.ts";

/** What was deleted in the last seconds, each with a button that takes it back. The clock stops while somebody is there. */
export function UndoList({ deletes }: { deletes: PendingDeletes }) {
  const waiting = deletes.list().filter(({ state }) => state === "waiting");
  const isEmpty = waiting.length === 0;
  useEffect(() => {
    // Who was there last took the list away, and could not leave it.
    if (isEmpty) deletes.hold(false);
  }, [isEmpty, deletes]);
  const undo = (id: string) => {
    deletes.undo(id);
    deletes.hold(false);
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(`.documents [data-document="${CSS.escape(id)}"]`)?.focus(),
    );
  };
  return (
    <ul
      class="undo-list"
      aria-label="Deleted documents"
      aria-live="polite"
      onMouseEnter={() => deletes.hold(true)}
      onMouseLeave={() => deletes.hold(false)}
      onFocusIn={() => deletes.hold(true)}
      onFocusOut={() => deletes.hold(false)}
    >
      {waiting.map(({ id }) => (
        <li key={id} class="undo">
          <span>
            Deleted <strong>{id}</strong>.
          </span>
          <button type="button" class="quiet" aria-label={`Undo: keep ${id}`} onClick={() => undo(id)}>
            Undo
          </button>
        </li>
      ))}
    </ul>
  );
}
