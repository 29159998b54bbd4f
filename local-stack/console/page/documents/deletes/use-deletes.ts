import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { HttpError, request } from "../../shell/http.ts";
import { documentPath } from "../documents-api.ts";
import { createPendingDeletes, type PendingDeletes } from "./pending-deletes.ts";

const UNDO_MS = 8_000;

/** The deletions of this page; those that wait are sent when it is left. */
export function useDeletes(onDeleted: (id: string) => void): PendingDeletes {
  const [, render] = useState(0);
  const latest = useRef(onDeleted);
  latest.current = onDeleted;
  const deletes = useMemo(
    () =>
      createPendingDeletes({
        delayMs: UNDO_MS,
        async send(id, isLeaving) {
          await request(documentPath(id), { method: "DELETE", keepalive: isLeaving }).catch((error: unknown) => {
            // It is gone already.
            if (!(error instanceof HttpError && error.status === 404)) throw error;
          });
        },
        onChange: () => render((renders) => renders + 1),
        onDeleted: (id) => latest.current(id),
      }),
    [],
  );
  useEffect(() => {
    const flush = () => deletes.flush();
    addEventListener("pagehide", flush);
    return () => removeEventListener("pagehide", flush);
  }, [deletes]);
  return deletes;
}
