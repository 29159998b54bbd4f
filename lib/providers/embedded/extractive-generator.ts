import type { Generation, Generator } from "#rag/ports.ts";
import { type Candidate, candidatesFor } from "./extractive/candidates.ts";
import { highlightsIn } from "./extractive/highlights.ts";
import { createCompare, type TextEmbedder } from "./extractive/meaning.ts";
import { readQuestion } from "./extractive/question.ts";
import { render, titleOf } from "./extractive/render.ts";
import { createScaled } from "./extractive/scale.ts";
import { secondPassage } from "./extractive/second.ts";
import { isSupported } from "./extractive/support.ts";

const MODEL = "extractive-quotes (no language model)";
const NO_ANSWER = "The documents do not answer this question.";
const NEAREST = "These sections may help:";

/** Characters of the best passage. */
const MAX_LENGTH = 600;
/** After a longer one, such as a list of steps, there is no second passage. */
const MAX_LENGTH_BEFORE_SECOND = 750;
const MAX_NEAREST = 3;

export interface ExtractiveOptions {
  /**
   * An embedder in this process, which compares the question with headings too. Never a remote one: its calls would cost
   * time and money.
   */
  embedder?: TextEmbedder;
  /** The search uses another embedder: its similarities are then ignored, because what they mean is not known. */
  isSearchedByAnother?: boolean;
}

/**
 * Answers as a search page does: with the passage that fits best, word for word, under the path of its headings, and a
 * second one if it is nearly as good; each ends with the number of its source. When no source supports an answer, the
 * text says so, and names the nearest sections. It cannot hallucinate, combine or infer, and costs nothing.
 */
export function createExtractiveGenerator(options: ExtractiveOptions = {}): Generator {
  const { embedder, isSearchedByAnother = false } = options;
  const compare = createCompare(embedder);
  const scaled = createScaled(embedder);
  return {
    provider: "edge-rag",
    model: MODEL,
    async generate({ question, citations }, { signal, tenant } = {}) {
      const call = { ...(signal && { signal }), ...(tenant !== undefined && { tenant }) };
      const asked = readQuestion(question);
      const sources = isSearchedByAnother
        ? citations.map(({ similarity: _, ...source }) => source)
        : await scaled(citations, call);
      const { candidates, weights } = await candidatesFor(asked, sources, MAX_LENGTH, compare, call);
      const [best] = candidates;
      if (!best || !isSupported(candidates)) return generation(nearest(candidates), false);
      const first = render(best);
      const second =
        first.length <= MAX_LENGTH_BEFORE_SECOND && (await secondPassage(asked, candidates, weights, compare, call));
      const text = second ? `${first}\n\n${render(second)}` : first;
      return { ...generation(text, true), highlights: highlightsIn(text, asked.terms) };
    },
  };
}

function generation(text: string, answered: boolean): Generation {
  return { text, answered, promptTokens: 0, completionTokens: 0, finishReason: "stop", model: MODEL };
}

/** Says that there is no answer, and what comes nearest. */
function nearest(candidates: readonly Candidate[]): string {
  const titles = new Set(candidates.map(({ section }) => titleOf(section.path)).filter(Boolean));
  const list = [...titles].slice(0, MAX_NEAREST).map((title) => `- ${title}`);
  return list.length === 0 ? NO_ANSWER : [`${NO_ANSWER} ${NEAREST}`, ...list].join("\n");
}
