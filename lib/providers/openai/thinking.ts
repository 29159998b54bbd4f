/** Tags around what a model thinks, of DeepSeek, Qwen, Seed and others, and of Mistral. A group has the slash. */
const TAG = /<(\/?)(?:think|thinking|thought|reasoning|seed:think)>|\[(\/?)THINK\]/;
/** What may become a tag with the characters that follow. */
const TAG_SO_FAR = /(?:<\/?[a-z:]{0,10}|\[\/?[A-Z]{0,5})$/;
const NAMES = ["think", "thinking", "thought", "reasoning", "seed:think", "THINK"];
const LONGEST_TAG = 13;

export interface ThinkingFilter {
  /**
   * Filters the next piece; returns the part of the answer that is known by now.
   *
   * @returns `retracts` when all that was returned before was thinking too
   */
  push(piece: string): { answer: string; retracts: boolean };
  /** @param isTruncated whether a length limit ended the text */
  end(isTruncated: boolean): string;
  /** Whether thinking was removed. */
  readonly hasThought: boolean;
}

/**
 * A streaming filter that removes what a model thinks from its output. Thinking that is not closed is removed where it
 * begins the output, or where a length limit cut it. A closing tag without an opening one retracts the text before it: the
 * chat templates of some models have the opening tag in the prompt.
 *
 * @param startsThinking whether to expect such a closing tag, and to hold back the text before it
 */
export function createThinkingFilter(startsThinking: boolean): ThinkingFilter {
  /** Not decided yet: what may become a tag. */
  let pending = "";
  /** The thinking that is not closed, which is text after all if it never is; `undefined` outside of it. */
  let open: string | undefined = startsThinking ? "" : undefined;
  let hasAnswer = false;
  let lastCharacter = "";
  let hasThought = false;
  let followsThinking = false;

  function emit(text: string): string {
    // One space is enough where thinking was between two.
    const emitted = followsThinking && lastCharacter.trim() === "" ? text.trimStart() : text;
    if (emitted === "") return "";
    followsThinking = false;
    hasAnswer ||= emitted.trim() !== "";
    lastCharacter = emitted.slice(-1);
    return emitted;
  }

  function close(): void {
    open = undefined;
    hasThought = true;
    followsThinking = true;
  }

  return {
    get hasThought() {
      return hasThought;
    },
    push(piece) {
      pending += piece;
      let answer = "";
      let retracts = false;
      for (let tag = TAG.exec(pending); tag; tag = TAG.exec(pending)) {
        const before = pending.slice(0, tag.index);
        pending = pending.slice(tag.index + tag[0].length);
        const isClosing = Boolean(tag[1] || tag[2]);
        if (open !== undefined) {
          if (isClosing) close();
          else open += before + tag[0];
        } else if ((before || lastCharacter).endsWith("`")) {
          answer += emit(before + tag[0]);
        } else if (isClosing) {
          close();
          [answer, retracts, lastCharacter, hasAnswer] = ["", true, "", false];
        } else {
          answer += emit(before);
          open = tag[0];
        }
      }
      const decided = pending.slice(0, pending.length - undecidedEnd(pending));
      pending = pending.slice(decided.length);
      if (open === undefined) answer += emit(decided);
      else open += decided;
      return { answer, retracts };
    },
    end(isTruncated) {
      const rest = pending;
      pending = "";
      if (open === undefined) return emit(rest);
      const isThinking = isTruncated || (!hasAnswer && open !== "" && TAG.exec(open)?.index === 0);
      if (!isThinking) return emit(open + rest);
      close();
      return "";
    },
  };
}

/** How many characters at the end of the text may become a tag. */
function undecidedEnd(text: string): number {
  const end = TAG_SO_FAR.exec(text.slice(-LONGEST_TAG))?.[0] ?? "";
  const name = end.replace(/^.\/?/, "");
  return NAMES.some((candidate) => candidate.startsWith(name)) ? end.length : 0;
}
