import { RequestError } from "./problem.ts";

/** The deepest valid body has four levels. */
const MAX_DEPTH = 32;
/** The largest valid body has about 170,000: 1,000 documents with 100 topics and 64 metadata keys each. */
const MAX_VALUES = 200_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Checks the nesting and the number of values of a JSON text before it is parsed: parsing, and even more validating, can
 * take many times its memory. Takes linear time and no memory; whether it is JSON is for the parser to say.
 *
 * @throws RequestError 400
 */
export function checkJsonLimits(utf8: Uint8Array): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < utf8.length; at += 1) {
    switch (utf8[at]) {
      case QUOTE:
        at = endOfString(utf8, at + 1);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        values += 1;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        break;
    }
    if (depth > MAX_DEPTH) {
      throw new RequestError(400, `The body is nested too deeply: at most ${MAX_DEPTH} levels are accepted.`);
    }
    if (values > MAX_VALUES) {
      const limit = MAX_VALUES.toLocaleString("en");
      throw new RequestError(400, `The body has more than ${limit} keys and list items. Send fewer documents.`);
    }
  }
}

/** The position of the quote that ends the string. */
function endOfString(utf8: Uint8Array, start: number): number {
  let at = start;
  while (at < utf8.length && utf8[at] !== QUOTE) at += utf8[at] === BACKSLASH ? 2 : 1;
  return at;
}
