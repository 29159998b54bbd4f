import * as z from "zod/mini";
import { labelOf } from "#compose/evaluate-answer.ts";
import type { SupportedSentence, SupportRequest, SupportResult } from "#console/contract.ts";
import { atMost } from "#http/field-schemas.ts";
import { lexicon } from "#providers/lexical/lexicon.ts";
import { type Groundedness, groundednessOf, type SentenceSupport } from "#quality/groundedness.ts";
import type { Call, SearchFilter, VectorStore } from "#rag/ports.ts";

/** As many as a response has. */
const MAX_CITATIONS = 50;
/** Of a document, read at a time. */
const CHUNKS = 100;
/** What another source must be ahead of those that a sentence cites to be named. */
const BETTER = 0.05;

const citation = z.object({
  index: z.int(),
  document_id: z.string(),
  chunk_id: z.string(),
  title: z.string(),
  text: z.string(),
});

export const supportRequest = z.object({
  answer: z.string(),
  citations: atMost(MAX_CITATIONS, "items", z.array(citation)),
});

/**
 * How far the citations of a response support its answer, as telemetry has computed it after the response. The headings
 * above them, which a response does not have, are read from the store; a document that is gone has none.
 *
 * @param filter what the caller may read
 * @throws RagError when the store fails; the signal's reason once it is aborted
 */
export async function supportOfAnswer(
  store: Pick<VectorStore, "get">,
  { answer, citations }: SupportRequest,
  filter?: SearchFilter,
  call: Call = {},
): Promise<SupportResult> {
  const headings = await headingsOf(store, citations, filter, call);
  const sources = citations.map((each) => ({ ...each, heading: headings.get(each.chunk_id) ?? "" }));
  const result = groundednessOf(answer, sources, { lexicon, bySource: true });
  if (!result) return { score: null, sentences: [] };
  const indices = citations.map(({ index }) => index);
  return {
    score: result.score,
    sentences: result.sentences.map((sentence) => toSentence(sentence, indices, result.unsupportedCitations)),
  };
}

function toSentence(
  { start, end, cited, byAll, bySource = [], isContrary, unsupportedFacts }: SentenceSupport,
  indices: readonly number[],
  unsupported: Groundedness["unsupportedCitations"],
): SupportedSentence {
  const ranked = indices
    .map((index, at) => ({ index, score: bySource[at] ?? 0 }))
    .toSorted((one, other) => other.score - one.score);
  const best = ranked.find(({ index }) => cited.includes(index));
  const other = ranked.find(({ index }) => !cited.includes(index));
  const isBetter = other !== undefined && other.score >= (best?.score ?? 0) + BETTER;
  return {
    ...{ start, end, score: byAll, label: labelOf(byAll), cited, denied: isContrary },
    ...(best && { best }),
    ...(isBetter && { better: other }),
    unsupported_citations: unsupported.filter((each) => each.start === start).map(({ index }) => index),
    unsupported_facts: unsupportedFacts,
  };
}

/** The headings above chunks, by chunk. */
async function headingsOf(
  store: Pick<VectorStore, "get">,
  citations: SupportRequest["citations"],
  filter: SearchFilter | undefined,
  call: Call,
): Promise<ReadonlyMap<string, string>> {
  const headings = new Map<string, string>();
  for (const [id, cited] of Map.groupBy(citations, ({ document_id }) => document_id)) {
    let chunks = 1;
    for (let from = 0; from < chunks && !cited.every(({ chunk_id }) => headings.has(chunk_id)); from += CHUNKS) {
      const document = await store.get(id, { from, limit: CHUNKS, ...(filter && { filter }) }, call);
      for (const { id, heading } of document?.content ?? []) headings.set(id, heading);
      chunks = document?.chunks ?? 0;
    }
  }
  return headings;
}
