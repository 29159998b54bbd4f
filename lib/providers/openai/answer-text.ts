import { createCitedStream } from "#rag/cited-stream.ts";
import { createThinkingFilter } from "./thinking.ts";

/** The text of an answer, from the content that a model returns. */
export interface AnswerText {
  /** Adds a piece of the content; returns what can be emitted by now, "" if nothing. */
  push(piece: string): string;
  /** As in `CitedStream`. Emitted pieces, joined, are the whole text, unless thinking was among them. */
  end(isTruncated: boolean): { rest: string; text: string; cited: number[] };
  /** Whether the content had thinking in it. */
  readonly hasThought: boolean;
}

/**
 * Removes thinking, and citations of unknown sources.
 *
 * @param startsThinking whether the model's content is known to begin with thinking that has no opening tag
 * @param onUnmarkedThinking called when that turns out
 */
export function createAnswerText(
  sources: readonly number[],
  startsThinking: boolean,
  onUnmarkedThinking: () => void,
): AnswerText {
  const thinking = createThinkingFilter(startsThinking);
  let cited = createCitedStream(sources);
  return {
    get hasThought() {
      return thinking.hasThought;
    },
    push(piece) {
      const { answer, retracts } = thinking.push(piece);
      if (retracts) {
        cited = createCitedStream(sources);
        onUnmarkedThinking();
      }
      return cited.push(answer);
    },
    end(isTruncated) {
      const emitted = cited.push(thinking.end(isTruncated));
      const end = cited.end(isTruncated);
      return { ...end, rest: emitted + end.rest };
    },
  };
}
