import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { runIngest } from "#bulk/run.ts";
import { folderOf } from "../../_folder.ts";
import { docxOf, paragraph, reasonFor, relations, xlsxOf, zipOf } from "./_office.ts";

const OLE = Buffer.from("d0cf11e0a1b11ae1", "hex");
const encrypted = Buffer.concat([OLE, Buffer.alloc(600), Buffer.from("EncryptedPackage", "utf16le")]);

/** A zip file with one part of zeros that declares a size. */
function bomb(name: string, bytes: number, declared = bytes): Uint8Array {
  const packed = deflateRawSync(Buffer.alloc(bytes, 0x20));
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(declared, 22);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(declared, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, Buffer.from(name), packed, entry, Buffer.from(name), end]);
}

const LAUGHS = `<!DOCTYPE w [<!ENTITY a "${"ha".repeat(1_000)}">${[..."bcdefgh"]
  .map((name, index) => `<!ENTITY ${name} "${`&${"abcdefg"[index]};`.repeat(10)}">`)
  .join("")}<!ENTITY x SYSTEM "file:///etc/passwd">]>`;

describe("what is refused, with the reason and what to do", () => {
  it.each<[string, Uint8Array | string, string, RegExp]>([
    ["a document with a password", encrypted, ".docx", /^it has a password: open it, remove the password/],
    ["a document of Office 2003", OLE, ".xlsx", /^of Office 2003 or older: open it and save it as \.xlsx$/],
    ["a PDF by another name", "%PDF-1.7\n", ".docx", /^not a \.docx but a PDF: name it \.pdf$/],
    ["a page by another name", "<!DOCTYPE html><p>x", ".pptx", /^not a \.pptx but an HTML page/],
    ["no zip file", "hello", ".epub", /^damaged, or not a \.epub: it is no zip file$/],
    ["an empty file", "", ".odt", /^damaged, or not a \.odt/],
    ["a cut zip file", docxOf(paragraph("x")).subarray(0, 300), ".docx", /^a damaged zip file, which a \.docx is/],
    ["a zip file of something else", zipOf({ "a.txt": "x" }), ".docx", /^damaged, or not a \.docx/],
    ["a workbook named .docx", xlsxOf({ S: "" }), ".docx", /^damaged, or not a \.docx/],
    ["a zip file of something else", zipOf({ "a.txt": "x" }), ".epub", /^damaged, or not a \.epub/],
    ["a zip file of something else", zipOf({ "a.txt": "x" }), ".odt", /^damaged, or not a \.odt/],
    ["a zip bomb", bomb("word/document.xml", 201 * 2 ** 20), ".docx", /^over 200 MB when unpacked/],
    [
      "deep nesting",
      docxOf("<w:p>".repeat(600) + "</w:p>".repeat(600)),
      ".docx",
      /^nested too deeply: simplify it, or save it as text$/,
    ],
    [
      "a book with copy protection",
      zipOf({
        "META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></e>',
      }),
      ".epub",
      /^it has copy protection/,
    ],
  ])("%s", async (_, bytes, extension, reason) => {
    expect(await reasonFor(bytes, extension)).toMatch(reason);
  });
});

describe("a file that means harm", () => {
  it("is unpacked no further than it says", async () => {
    expect(await reasonFor(bomb("word/document.xml", 2 ** 20, 100), ".docx")).not.toBe("");
  });

  it("gets no entities expanded, and nothing from other files", async () => {
    const body = `${LAUGHS}<worksheet><row><c t="inlineStr"><is><t>laugh &amp; &h; &x; &amp;</t></is></c></row></worksheet>`;
    const bytes = xlsxOf({ S: "" }, { more: { "xl/worksheets/s0.xml": body } });
    expect(await reasonFor(bytes, ".xlsx")).toBe("");
    const lines: string[] = [];
    await runIngest([folderOf({ "a.xlsx": bytes }), "--dry-run"], run(lines));
    expect(lines.join("\n")).toMatch(/1 documents of \d{2,3} bytes/);
  });

  it("stops no other", async () => {
    const folder = folderOf({
      "a.docx": "broken",
      "b.xlsx": bomb("xl/workbook.xml", 201 * 2 ** 20),
      "c.pptx": encrypted,
      "d.docx": docxOf(paragraph("Bees dance.")),
      "e.csv": "Name,Age\nAnn,30\n",
      "f.epub": zipOf({ "../../../etc/passwd": "x", "META-INF/container.xml": relations({}) }),
    });
    const lines: string[] = [];
    expect(await runIngest([folder, "--dry-run"], run(lines))).toBe(1);
    expect(lines.filter((line) => line.startsWith("cannot be sent")).map((line) => line.split(": ")[1])).toEqual([
      "a.docx",
      "b.xlsx",
      "c.pptx",
      "f.epub",
    ]);
    expect(lines).toContainEqual(expect.stringMatching(/^2 documents/));
  });
});

function run(lines: string[]) {
  const never = new AbortController().signal;
  return {
    env: { INIT_CWD: "/", RAG_DATA_DIR: folderOf({}) },
    write: (line: string) => void lines.push(line),
    stop: never,
    abort: never,
  };
}
