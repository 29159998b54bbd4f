import { describe, expect, it } from "vitest";
import { decodeText } from "#bulk/readers/text.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";

const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();
const utf32 = (text: string, littleEndian: boolean) => {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const view = new DataView(new ArrayBuffer(4 * points.length));
  for (const [index, point] of points.entries()) view.setUint32(4 * index, point, littleEndian);
  return new Uint8Array(view.buffer);
};
const hex = (bytes: string) => Buffer.from(bytes.replaceAll(" ", ""), "hex");

describe("the text of a file is read", () => {
  it.each<[string, Uint8Array, string]>([
    ["in UTF-8 with a byte order mark", Buffer.from("\uFEFFBüro"), "Büro"],
    ["in UTF-16 LE with a byte order mark", Buffer.from("\uFEFFBüro", "utf16le"), "Büro"],
    ["in UTF-16 BE with a byte order mark", utf16be("\uFEFFBüro"), "Büro"],
    ["in UTF-32 LE with a byte order mark", utf32("\uFEFFBüro 🙂", true), "Büro 🙂"],
    ["in UTF-32 BE with a byte order mark", utf32("\uFEFFBüro 🙂", false), "Büro 🙂"],
    ["in UTF-16 LE without one", Buffer.from("Bees dance.\n", "utf16le"), "Bees dance.\n"],
    ["in UTF-16 BE without one", utf16be("休暇は三十日です。\n使わない日"), "休暇は三十日です。\n使わない日"],
    ["in Latin-1", Buffer.from("Bienenstöcke stehen im Büro.", "latin1"), "Bienenstöcke stehen im Büro."],
    ["in windows-1252, with its quotes", hex("49 74 92 73 20 93 6f 70 65 6e 94 20 96 20 80 35"), "It’s “open” – €5"],
    [
      "in Shift_JIS",
      hex("8b7889c982cd88ea944e82c98e4f8f5c93fa82c582b781428e6782ed82c882a293fa82cd8e4f8c8e82c98fc182a682dc82b78142"),
      "休暇は一年に三十日です。使わない日は三月に消えます。",
    ],
    ["in ISO-2022-JP", hex("1b24423559345b467c1b2842"), "休館日"],
    [
      "as an XML declaration says",
      Buffer.from('<?xml version="1.0" encoding="iso-8859-2"?>\xb3', "latin1"),
      '<?xml version="1.0" encoding="iso-8859-2"?>ł',
    ],
    [
      "as Emacs and Python are told",
      Buffer.from("# -*- coding: koi8-r -*-\n\xc1", "latin1"),
      "# -*- coding: koi8-r -*-\nа",
    ],
    [
      "as AsciiDoc is told",
      Buffer.from("= T\n:encoding: windows-1251\n\n\xe0", "latin1"),
      "= T\n:encoding: windows-1251\n\nа",
    ],
  ])("%s", (_what, bytes, text) => {
    expect(decodeText(bytes)).toBe(text);
  });

  it("with line feeds as its only line breaks", () => {
    expect(decodeText(Buffer.from("a\rb\r\nc\u0085d\u2028e\u2029f\n"))).toBe("a\nb\nc\nd\ne\n\nf\n");
  });
});

describe("a file is refused, and not read as rubbish,", () => {
  const polish =
    "4b61 bf64 7920 7072 6163 6f77 6e69 6b20 6d61 2075 726c 6f70 2e20 a3f3 64bc 206a 6573 7420 7069 ea6b 6e61";
  it.each<[string, Uint8Array, RegExp]>([
    ["in KOI8-R", hex("efd4 d0d5 d3cb 20d3 cfd3 d4c1 d7cc d1c5 d420 c4ce c5ca"), /^not UTF-8.*iconv -f \S+ -t UTF-8/],
    ["in ISO-8859-2", hex(polish), /^not UTF-8, perhaps ISO-8859-2 .*iconv -f ISO-8859-2 -t UTF-8/],
    ["of DOS, in code page 437", hex("4681 7220 64 65 6e20 5461 6720"), /^not UTF-8/],
    ["of a Macintosh", Buffer.from("F\x9fr die T\x8ar", "latin1"), /^not UTF-8/],
    [
      "declared in an encoding that it is not in",
      Buffer.from("# coding: shift_jis\n\xff\xff", "latin1"),
      /^declared as shift_jis/,
    ],
    ["declared in one that nobody knows", Buffer.from("# coding: klingon\n\xff", "latin1"), /^declared as klingon/],
    ["that begins as UTF-16 and is something else", hex("fffe 00d8 4100 00"), /^damaged: it begins as UTF-16LE/],
    ["that is binary", hex("504b 0304 0000 0100 ffff"), /^a binary file, no text$/],
  ])("%s", (_what, bytes, message) => {
    expect(() => decodeText(bytes)).toThrow(UnreadableError);
    expect(() => decodeText(bytes)).toThrow(message);
  });
});
