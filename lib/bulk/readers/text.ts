import { analyse } from "chardet";
import { withLineFeeds } from "#rag/visible.ts";
import { UnreadableError } from "./unreadable.ts";

/** In the order in which they are tried: UTF-32's little-endian mark begins with UTF-16's. */
const BYTE_ORDER_MARKS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-32le", [0xff, 0xfe, 0, 0]],
  ["utf-32be", [0, 0, 0xfe, 0xff]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];
/** Bytes of the beginning in which an encoding is declared. */
const HEAD = 1024;
/** `<?xml encoding="…"?>`, `@charset "…"`, AsciiDoc's `:encoding: …`, and `coding: …` as Emacs, Vim and Python read it. */
const DECLARED = [
  /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)/i,
  /^@charset\s+"([\w.:-]+)"/i,
  /^:encoding:[ \t]*([\w.:-]+)/im,
  /^(?:[^\n]*\n)?[^\n]*?\bcoding[:=][ \t]*([\w.:-]+)/,
];
/** ISO-2022-JP is 7-bit, and would pass as UTF-8. U+001B, its escape, is no character of text. */
const ISO_2022_JP = /\p{Cc}(?:\$[@B]|\([JI])/u;
/** Bytes that are looked at to guess an encoding. */
const SAMPLE = 64 * 1024;
/** Of `chardet`, for encodings of several bytes per character: wrong guesses had at most 79. */
const SURE = 95;
const SEVERAL_BYTES: ReadonlySet<string> = new Set(["Shift_JIS", "EUC-JP", "EUC-KR", "Big5", "GB18030"]);
const WESTERN: ReadonlySet<string> = new Set(["ISO-8859-1", "windows-1252"]);
/** What other encodings give when they are read as windows-1252: a sign within a word, or a control character. */
const NOT_WESTERN = /\p{L}[¡-©¬®¯±-³¶¸¹¼-¿×÷€‚„†‡ˆ‰‹›“”•˜™ŠŽŸ]\p{Ll}|[\u0080-\u009F]/u;
/** Neither assigned nor a control character that text has. */
const NO_TEXT = /[\p{Cn}\p{Co}]|(?![\t\n\f\r])\p{Cc}/u;

/**
 * The text of a file, with `\n` as its only line break. Its encoding is that of its byte order mark, or else UTF-8, UTF-16
 * if nothing else is possible, `charset`, what it declares, or what it can only be. Nothing is guessed that may come out wrong.
 *
 * @param charset of the header Content-Type that it came with; an unknown one counts as none
 * @throws UnreadableError when it is in another encoding, or no text at all
 */
export function decodeText(bytes: Uint8Array, charset?: string): string {
  return withLineFeeds(decoded(bytes, charset));
}

function decoded(bytes: Uint8Array, charset = "utf-8"): string {
  for (const [encoding, mark] of BYTE_ORDER_MARKS) {
    if (!mark.every((byte, index) => bytes[index] === byte)) continue;
    const content = bytes.subarray(mark.length);
    const text = encoding.startsWith("utf-32") ? utf32(content, encoding === "utf-32le") : decodedAs(encoding, content);
    if (text !== undefined) return text;
    throw new UnreadableError(`damaged: it begins as ${encoding.toUpperCase()} and goes on as something else`);
  }
  // NUL is valid UTF-8, and in no text.
  if (bytes.includes(0)) {
    const text = utf16(bytes);
    if (text !== undefined) return text;
    throw new UnreadableError("a binary file, no text");
  }
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD)).toString("latin1");
  if (ISO_2022_JP.test(head)) {
    const text = decodedAs("iso-2022-jp", bytes);
    if (text !== undefined) return text;
  }
  return decodedAs("utf-8", bytes) ?? decodedAs(charset, bytes) ?? declared(bytes, head) ?? guessed(bytes);
}

function declared(bytes: Uint8Array, head: string): string | undefined {
  const [label] = DECLARED.flatMap((declaration) => declaration.exec(head)?.[1] ?? []);
  if (label === undefined || /^utf-?8/i.test(label)) return undefined;
  const text = decodedAs(label.replace(/^latin-?1$/i, "latin1").replace(/-(?:unix|dos|mac)$/i, ""), bytes);
  if (text !== undefined) return text;
  throw new UnreadableError(`declared as ${label}, but not in it: save it as UTF-8`);
}

function guessed(bytes: Uint8Array): string {
  const guesses = analyse(bytes.subarray(0, SAMPLE));
  const [best] = guesses;
  if (best && SEVERAL_BYTES.has(best.name) && best.confidence >= SURE) {
    const text = decodedAs(best.name, bytes);
    if (text !== undefined && !NO_TEXT.test(text)) return text;
  }
  if (best && WESTERN.has(best.name)) {
    const text = decodedAs("windows-1252", bytes);
    if (text !== undefined && !NOT_WESTERN.test(text) && !NO_TEXT.test(text)) return text;
  }
  const names = guesses.filter(({ confidence }) => confidence > 10).map(({ name }) => name);
  const perhaps = names.length > 0 ? `, perhaps ${names.slice(0, 2).join(" or ")}` : "";
  const example = `iconv -f ${names[0] ?? "ENCODING"} -t UTF-8`;
  throw new UnreadableError(
    `not UTF-8${perhaps}: save it as UTF-8, for example with ${example}, and look at the result`,
  );
}

/** UTF-16 without a byte order mark, if it makes sense in one byte order only. */
function utf16(bytes: Uint8Array): string | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const texts = ["utf-16le", "utf-16be"].map((encoding) => decodedAs(encoding, bytes));
  const [text, ...others] = texts.filter((text) => text !== undefined && !NO_TEXT.test(text) && /\p{L}/u.test(text));
  return others.length === 0 ? text : undefined;
}

function utf32(bytes: Uint8Array, isLittleEndian: boolean): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = view.getUint32(at, isLittleEndian);
    if (point > 0x10ffff) return undefined;
    parts.push(String.fromCodePoint(point));
  }
  return bytes.length % 4 === 0 ? parts.join("") : undefined;
}

/** `undefined` when the bytes are not in that encoding, or it is none that browsers know (https://encoding.spec.whatwg.org). */
function decodedAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
