import { getBOMEncoding, legacyHookDecode, normalizeEncoding } from "@exodus/bytes/encoding.js";
import sniffEncoding from "html-encoding-sniffer";
import { decodeText } from "#bulk/readers/text.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";

/** Browsers look at 1,024 bytes first, and change their mind when a `<meta>` comes later. */
const PRESCAN_BYTES = 16_384;
const UNDECLARED = "undeclared";
/** A page may have a stray NUL, which browsers drop; a binary file has many. */
const MAX_NUL_SHARE = 0.001;

/**
 * What browsers fall back to for a page in that language that declares nothing
 * (https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding, step 9), and what else is
 * common: that of Unix before that of Windows, which would accept it.
 */
const BY_LANGUAGE: Readonly<Record<string, readonly string[]>> = {
  ar: ["windows-1256"],
  ...{ bg: ["windows-1251"], ru: ["windows-1251"], uk: ["windows-1251"], sr: ["windows-1251"], mk: ["windows-1251"] },
  ...{ cs: ["windows-1250"], hr: ["windows-1250"], sk: ["windows-1250"], sl: ["windows-1250"] },
  ...{ hu: ["iso-8859-2"], pl: ["iso-8859-2"], el: ["iso-8859-7"], he: ["windows-1255"], fa: ["windows-1256"] },
  ...{ et: ["windows-1257"], lt: ["windows-1257"], lv: ["windows-1257"], th: ["windows-874"], tr: ["windows-1254"] },
  ...{
    ja: ["euc-jp", "shift_jis"],
    ko: ["euc-kr"],
    vi: ["windows-1258"],
    zh: ["gb18030"],
    "zh-tw": ["big5"],
    "zh-hk": ["big5"],
    "zh-hant": ["big5"],
  },
};

/**
 * The text of a page, in the character set that browsers would use: by its byte order mark, the header that it came with, its `<meta>`, its XML
 * declaration, and otherwise UTF-8 if it is valid, or else that of its language.
 *
 * @param charset of the header Content-Type; an unknown one counts as none
 * @throws UnreadableError when it is no text, or nothing says which character set it is in
 */
export function decodeHtml(bytes: Uint8Array, charset?: string): string {
  if (getBOMEncoding(bytes)) return legacyHookDecode(bytes);
  const wide = utf16Of(bytes);
  if (wide) return legacyHookDecode(bytes, wide);
  const known = charset !== undefined && normalizeEncoding(charset) !== null ? charset : undefined;
  const options = {
    ...{ defaultEncoding: UNDECLARED, maxPrescanBytes: PRESCAN_BYTES },
    ...(known !== undefined && { transportLayerEncodingLabel: known }),
  };
  const declared = sniffEncoding(bytes, options);
  const encoding = normalizeEncoding(declared);
  if (encoding === "replacement") {
    throw new UnreadableError("declared in a character set that browsers no longer read: save it as UTF-8");
  }
  const isWestern = encoding === null || encoding === "utf-8" || encoding === "windows-1252";
  // Windows-1252 that happens to be valid UTF-8 is a matter of theory; a wrong declaration is not.
  if (isWestern && isUtf8(bytes)) {
    return isJis(bytes) && encoding === null ? legacyHookDecode(bytes, "iso-2022-jp") : legacyHookDecode(bytes);
  }
  if (encoding === "utf-8") return mostlyUtf8(bytes);
  return encoding ? legacyHookDecode(bytes, encoding) : undeclared(bytes);
}

/** UTF-16 without a byte order mark: of every other byte, most are 0. */
function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const counts = [0, 0];
  for (const [index, byte] of bytes.entries()) if (byte === 0) counts[index % 2] = (counts[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = counts;
  if (even + odd <= bytes.length * MAX_NUL_SHARE) return undefined;
  const half = bytes.length / 2;
  if (odd > 0.3 * half && even < 0.05 * half) return "utf-16le";
  if (even > 0.3 * half && odd < 0.05 * half) return "utf-16be";
  throw new UnreadableError("a binary file, no text");
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The escape sequences of ISO-2022-JP, which is ASCII otherwise. */
function isJis(bytes: Uint8Array): boolean {
  return ["\x1b$B", "\x1b$@", "\x1b(J"].some((start) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(start),
  );
}

/** Says it is UTF-8, and is not quite: as browsers show it, unless no character outside ASCII is. */
function mostlyUtf8(bytes: Uint8Array): string {
  const text = legacyHookDecode(bytes);
  return /[^\0-\x7f\ufffd]/.test(text) ? text : legacyHookDecode(bytes, "windows-1252");
}

function undeclared(bytes: Uint8Array): string {
  const ascii = legacyHookDecode(bytes.subarray(0, PRESCAN_BYTES), "windows-1252");
  const language = /<html[^>]*\slang\s*=\s*["']?([a-z-]+)/i.exec(ascii)?.[1]?.toLowerCase() ?? "";
  for (const encoding of BY_LANGUAGE[language] ?? BY_LANGUAGE[language.slice(0, 2)] ?? []) {
    const text = legacyHookDecode(bytes, encoding);
    if (!text.includes("\ufffd")) return text;
  }
  return decodeText(bytes);
}
