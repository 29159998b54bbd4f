import { describe, expect, it } from "vitest";
import { readHtmlBytes } from "#bulk/readers/html.ts";

const latin1 = (html: string) => Buffer.from(html, "latin1");
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? latin1(part) : Buffer.from(part))));
/** 休館 */
const SHIFT_JIS = [0x8b, 0x78, 0x8a, 0xd9];
const EUC_JP = [0xb5, 0xd9, 0xb4, 0xdb];

describe("a page is read in the character set", () => {
  it.each<[string, Uint8Array, string]>([
    ["of <meta charset>", latin1('<meta charset="iso-8859-1"><p>Das Büro öffnet.'), "Das Büro öffnet."],
    [
      "of http-equiv",
      bytes('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"><p>', SHIFT_JIS),
      "休館",
    ],
    ["of its XML declaration", latin1('<?xml version="1.0" encoding="ISO-8859-1"?><html><p>Büro</p></html>'), "Büro"],
    ["of a <meta> far down", latin1(`<style>${"p{}".repeat(2_000)}</style><meta charset=latin1><p>Büro`), "Büro"],
    ["called Latin-1, which is windows-1252", bytes("<meta charset=latin1><p>", [0x93], "9 ", [0x80, 0x94]), "“9 €”"],
    [
      "ISO-2022-JP, which looks like ASCII",
      bytes("<meta charset=iso-2022-jp><p>\u001b$B", [0x35, 0x59, 0x34, 0x5b], "\u001b(B"),
      "休館",
    ],
    ["ISO-2022-JP without a declaration", bytes("<p>\u001b$B", [0x35, 0x59, 0x34, 0x5b], "\u001b(B"), "休館"],
    ["of its byte order mark, whatever it declares", Buffer.from("\uFEFF<meta charset=latin1><p>Büro"), "Büro"],
    ["UTF-16 with a byte order mark", Buffer.from("\uFEFF<p>Büro", "utf16le"), "Büro"],
    ["UTF-16 without", Buffer.from("<p>Das Büro", "utf16le"), "Das Büro"],
    ["big-endian UTF-16", Buffer.from("\uFEFF<p>Büro", "utf16le").swap16(), "Büro"],
    ["UTF-8 when it declares nothing", Buffer.from("<p>Büro"), "Büro"],
    ["UTF-8 although it declares Latin-1", Buffer.from("<meta charset=latin1><p>Büro"), "Büro"],
    ["windows-1252 although it declares UTF-8", latin1("<meta charset=utf-8><p>Büro"), "Büro"],
    [
      "windows-1252 when it declares nothing",
      latin1("<p>Das Büro öffnet für Gäste um acht Uhr in der Früh."),
      "Das Büro öffnet für Gäste um acht Uhr in der Früh.",
    ],
    ["of its language", bytes('<html lang="ja"><p>', SHIFT_JIS), "休館"],
    ["of its language, the other one", bytes("<html lang=ja><p>", EUC_JP), "休館"],
    ["of its language and region", bytes("<html lang=zh-Hant><p>", [0xb9, 0xcf, 0xae, 0xd1]), "圖書"],
    ["of its language in Cyrillic", bytes('<html lang="ru"><p>', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]), "Привет"],
    ["UTF-8 with a damaged character", bytes("<meta charset=utf-8><p>B", [0xc3, 0xbc], "ro ", [0xff]), "Büro \uFFFD"],
  ])("%s", (_what, page, text) => {
    expect(readHtmlBytes(page).text.trim()).toBe(text);
  });

  it.each([
    ["a binary file", bytes("PK", [3, 4, 0, 0, 0, 1, 0]), "a binary file, no text"],
    [
      "a character set that browsers have dropped",
      latin1("<meta charset=hz-gb-2312><p>~{<:Ky2;VS~}"),
      "no longer read: save it as UTF-8",
    ],
    [
      "a character set that nothing tells",
      bytes("<p>", [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x20, 0xec, 0xe8, 0xf0]),
      "UTF-8",
    ],
  ])("or refused, such as %s", (_what, page, message) => {
    expect(() => readHtmlBytes(page)).toThrow(message);
  });

  it("a stray NUL does not make a page binary", () => {
    expect(readHtmlBytes(bytes(`<p>${"text ".repeat(500)}`, [0], "end")).text).toContain("end");
  });
});
