import type { Call, Citation } from "#rag/ports.ts";
import { dot, type TextEmbedder } from "./meaning.ts";

/** Questions, each with a text that answers it. */
const PAIRS: readonly (readonly [question: string, text: string])[] = [
  ["How do I reset my password?", "To choose a new password, open the account page and follow the link in the e-mail."],
  ["When does the library close?", "The library is open from nine in the morning until six in the evening."],
  ["Why is the engine overheating?", "An engine gets too hot when the coolant is low or the fan does not turn."],
  ["What does the trip cost?", "The price of the journey is 80 euros for each person, meals included."],
  ["How large is the memory?", "The computer has 16 GB of RAM, which can be extended to 64 GB."],
  ["Who wrote the novel?", "The book was published in 1922; its author lived in Dublin and Paris."],
];
const MODEL = "all-MiniLM-L6-v2";
/** Mean cosines of all-MiniLM-L6-v2: of these pairs, and of each question with the texts of the others. */
const MINILM = { related: 0.595, unrelated: 0.019 };
/** A model that tells the pairs apart by less than this is of no use here. */
const MIN_SPREAD = 0.02;

/**
 * Brings the similarities of citations from an embedder's scale to that of all-MiniLM-L6-v2, by its cosines of six
 * questions and answers: what is high for one model is below any cosine of another. They are taken away for a model that
 * cannot tell what belongs together, and stay as they are without an embedder.
 */
export function createScaled(
  embedder: TextEmbedder | undefined,
): (citations: readonly Citation[], call?: Call) => Promise<readonly Citation[]> {
  let means: Means | undefined;
  return async (citations, call) => {
    if (!embedder || embedder.model === MODEL) return citations;
    means ??= await meansOf(embedder, call);
    const { related, unrelated } = means;
    const spread = related - unrelated;
    const factor = (MINILM.related - MINILM.unrelated) / spread;
    return citations.map(({ similarity, ...source }) => ({
      ...source,
      ...(similarity !== undefined &&
        spread >= MIN_SPREAD && { similarity: MINILM.unrelated + factor * (similarity - unrelated) }),
    }));
  };
}

interface Means {
  related: number;
  unrelated: number;
}

/** The mean cosines of the pairs, and of each question with the texts of the others. */
export async function meansOf(embedder: TextEmbedder, call: Call = {}): Promise<Means> {
  const questions = await embedder.embed(
    PAIRS.map(([question]) => question),
    { ...call, kind: "query" },
  );
  const texts = await embedder.embed(
    PAIRS.map(([, text]) => text),
    { ...call, kind: "passage" },
  );
  const cosines = questions.vectors.map((question) => texts.vectors.map((text) => dot(question, text)));
  const related = mean(cosines.map((row, place) => row[place] ?? 0));
  const unrelated = mean(cosines.flatMap((row, place) => row.filter((_, other) => other !== place)));
  return { related, unrelated };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
