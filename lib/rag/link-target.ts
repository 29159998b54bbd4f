const MAX_DESTINATION = 2_048;
const MAX_TITLE = 100;
/** What a destination begins with, and text in parentheses does not. */
const DESTINATION = /^\(\s*<?(?:[a-z][a-z0-9+-]+:\S|\/|#|\?|www\.)/i;
const TITLE = /^\s*(?:"[^"]*"|'[^']*'|\([^()]*\))?\s*\)$/;
const TITLE_SO_FAR = /^\s*(?:["'(].*)?$/s;

/**
 * Reads what follows a citation and begins with "(": the target of a Markdown link, or ordinary text
 * (https://spec.commonmark.org/0.31.2/#links).
 */
export class LinkTarget {
  #destination = "";
  #depth = 0;
  /** What follows the first space after the destination. */
  #title: string | undefined;
  #isTarget = false;

  /** Adds a character; once it is decided, returns the text that is no part of a target, to be read again. */
  add(character: string): string | undefined {
    if (this.#title !== undefined) {
      this.#title += character;
      if (character === ")" && TITLE.test(this.#title)) return "";
      const isOpen = TITLE_SO_FAR.test(this.#title) && this.#title.length <= MAX_TITLE && character !== "\n";
      return isOpen ? undefined : this.#title;
    }
    const isSpace = character.trim() === "";
    if (isSpace && this.#isTarget) {
      this.#title = character;
      return character === "\n" ? character : undefined;
    }
    this.#destination += character;
    this.#isTarget ||= this.#destination.length <= 64 && DESTINATION.test(this.#destination);
    if (character === "(") this.#depth += 1;
    if (character === ")") this.#depth -= 1;
    const isOver = this.#depth === 0 || this.#destination.length > MAX_DESTINATION;
    return isOver || (!this.#isTarget && /[\s[`]/.test(character)) ? this.end() : undefined;
  }

  /** The text that is no part of a target when nothing follows: a target needs no closing parenthesis then. */
  end(): string {
    return this.#isTarget ? (this.#title ?? "") : this.#destination;
  }
}
