import { useEffect, useState } from "preact/hooks";
import { getJson } from "../shell/http.ts";
import { type DocumentPage, documentPath } from "./documents-api.ts";

export interface LoadedDocument {
  /** With the chunks of all pages that were read; `undefined` until the first is. */
  document: DocumentPage | undefined;
  error: unknown;
  isLoading: boolean;
  /** Reads the next page of chunks. */
  more(): void;
  /** Reads it from the start. */
  again(): void;
}

/**
 * Reads a document, page by page.
 *
 * @param chunkId pages are read until this chunk is among them
 * @param isReady whether the functions can respond
 */
export function useDocument(id: string, chunkId: string | undefined, isReady: boolean): LoadedDocument {
  const [document, setDocument] = useState<DocumentPage>();
  const [error, setError] = useState<unknown>();
  const [isLoading, setIsLoading] = useState(false);

  async function load(before?: DocumentPage): Promise<void> {
    setIsLoading(true);
    setError(undefined);
    const query = before?.next_cursor ? `?${new URLSearchParams({ cursor: before.next_cursor })}` : "";
    try {
      const page = await getJson<DocumentPage>(documentPath(id) + query);
      setDocument({ ...page, content: [...(before?.content ?? []), ...page.content] });
    } catch (error) {
      setError(error);
    } finally {
      setIsLoading(false);
    }
  }

  useEffect(() => {
    if (isReady && document === undefined) void load();
  }, [id, isReady]);
  useEffect(() => {
    const isThere = document?.content.some(({ chunk_id }) => chunk_id === chunkId);
    if (chunkId !== undefined && document?.next_cursor !== undefined && !isThere) void load(document);
  }, [document, chunkId]);

  return { document, error, isLoading, more: () => void load(document), again: () => void load() };
}
