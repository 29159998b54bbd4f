const MAX_DESTINATION = 2_048;
const MAX_TITLE = 100;
/** What a destination begins with, and text in parentheses does not. */
const DESTINATION = /^\(\s*<?(?:[a-z][a-z0-9+-]+:\S|\/|#|\?|www\.)/i;
/** A path, query or fragment: one that is not closed may as well be text, and leads nowhere. */
const RELATIVE = /^\(\s*<?[/#?]/;
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
      return isOpen ? undefined : this.end();
    }
    const isSpace = character.trim() === "";
    if (isSpace && this.#isTarget) {
      this.#title = character;
      return character === "\n" ? this.end() : undefined;
    }
    this.#destination += character;
    this.#isTarget ||= this.#destination.length <= 64 && DESTINATION.test(this.#destination);
    if (character === "(") this.#depth += 1;
    if (character === ")") this.#depth -= 1;
    if (this.#depth === 0) return this.#isTarget ? "" : this.#destination;
    const isOver = this.#destination.length > MAX_DESTINATION;
    const mayBeText = !this.#isTarget || RELATIVE.test(this.#destination);
    return isOver || (mayBeText && /[\s[`]/.test(character)) ? this.end() : undefined;
  }

  /** The text that is no part of a target without a closing parenthesis: an address needs none. */
  end(): string {
    const title = this.#title ?? "";
    return this.#isTarget && !RELATIVE.test(this.#destination) ? title : this.#destination + title;
  }
}
