/** What the page reads of the functions' `GET /embed` and `GET /embed/{document_id}`: docs/API.md. */
export interface ListedDocument {
  id: string;
  title: string;
  url?: string;
  topic_ids: number[];
  chunks: number;
  /** RFC 3339. */
  updated_at?: string;
}

export interface DocumentPage extends ListedDocument {
  metadata: Record<string, string | number | boolean>;
  content: { chunk_id: string; position: number; heading: string; text: string }[];
  next_cursor?: string;
}

export interface ListPage {
  documents: ListedDocument[];
  next_cursor?: string;
}

/** Of the functions' API. */
export function documentPath(id: string): string {
  return `/embed/${encodeURIComponent(id)}`;
}

const PAGE = 100;
/** The most that the API lists at once. */
const MAX_PAGE = 500;

export async function listDocuments(
  get: (path: string) => Promise<ListPage>,
  { prefix, cursor, limit = PAGE }: { prefix: string; cursor?: string; limit?: number },
): Promise<ListPage> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(prefix !== "" && { prefix }),
    ...(cursor !== undefined && { cursor }),
  });
  return get(`/embed?${query}`);
}

/** The first documents again, at least as many as before. */
export async function listAgain(
  get: (path: string) => Promise<ListPage>,
  prefix: string,
  count: number,
): Promise<ListPage> {
  const documents: ListedDocument[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(MAX_PAGE, Math.max(PAGE, count - documents.length));
    const page = await listDocuments(get, { prefix, limit, ...(cursor !== undefined && { cursor }) });
    documents.push(...page.documents);
    cursor = page.next_cursor;
  } while (cursor !== undefined && documents.length < count);
  return { documents, ...(cursor !== undefined && { next_cursor: cursor }) };
}
