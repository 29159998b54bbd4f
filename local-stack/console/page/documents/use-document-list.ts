import { useEffect, useRef, useState } from "preact/hooks";
import { getJson } from "../shell/http.ts";
import { type ListPage, listAgain, listDocuments } from "./documents-api.ts";

const TYPING_MS = 200;
const SOON_MS = 1_000;

export interface DocumentList {
  /** `undefined` until it is read. */
  page: ListPage | undefined;
  error: unknown;
  reload(): void;
  /** Reads it within a second, however often it is called: while many files are stored. */
  reloadSoon(): void;
  /** Reads the next page. */
  more(): void;
  /** Takes a document that was deleted from the list. */
  remove(id: string): void;
}

/**
 * The documents whose ids begin with the prefix; read again when that changes, and when the list becomes active.
 *
 * @param isActive whether the list is shown and the functions can respond
 */
export function useDocumentList(isActive: boolean, prefix: string): DocumentList {
  const [page, setPage] = useState<ListPage>();
  const [error, setError] = useState<unknown>();
  const calls = useRef(0);
  const shownPrefix = useRef(prefix);

  async function load(read: () => Promise<ListPage>): Promise<void> {
    calls.current += 1;
    const call = calls.current;
    const result = await read().then(
      (page) => ({ page }),
      (error: unknown) => ({ error }),
    );
    // Another one has been started since.
    if (call !== calls.current) return;
    if ("page" in result) {
      setPage(result.page);
      setError(undefined);
    } else setError(result.error);
  }

  const count = page?.documents.length ?? 0;
  const reload = () => void load(() => listAgain(getJson, prefix, shownPrefix.current === prefix ? count : 0));
  useEffect(() => {
    if (!isActive) return;
    const isTyping = shownPrefix.current !== prefix;
    const timer = setTimeout(
      () => {
        reload();
        shownPrefix.current = prefix;
      },
      isTyping ? TYPING_MS : 0,
    );
    return () => clearTimeout(timer);
  }, [isActive, prefix]);

  const latestReload = useRef(reload);
  latestReload.current = reload;
  const soon = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const reloadSoon = () => {
    soon.current ??= setTimeout(() => {
      soon.current = undefined;
      latestReload.current();
    }, SOON_MS);
  };

  return {
    page,
    error,
    reload,
    reloadSoon,
    more() {
      const cursor = page?.next_cursor;
      if (page === undefined || cursor === undefined) return;
      void load(async () => {
        const next = await listDocuments(getJson, { prefix, cursor });
        return { ...next, documents: [...page.documents, ...next.documents] };
      });
    },
    remove: (id) =>
      setPage((page) => page && { ...page, documents: page.documents.filter((document) => document.id !== id) }),
  };
}
