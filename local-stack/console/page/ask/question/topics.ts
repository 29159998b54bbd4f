interface Page {
  documents: { topic_ids: number[] }[];
  next_cursor?: string;
}

const PAGE = 500;
const MAX_PAGES = 10;

/**
 * The topics of the corpus, ascending: of its first 5,000 documents.
 *
 * @param getPage reads `GET /embed?…`
 */
export async function readTopics(getPage: (path: string) => Promise<Page>): Promise<number[]> {
  const topics = new Set<number>();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== undefined && { cursor }) });
    const { documents, next_cursor } = await getPage(`/embed?${query}`);
    for (const { topic_ids } of documents) for (const topic of topic_ids) topics.add(topic);
    if (next_cursor === undefined) break;
    cursor = next_cursor;
  }
  return [...topics].sort((a, b) => a - b);
}
