import { describe, expect, it } from "vitest";
import { read, relations, zipOf } from "./_office.ts";

const shape = (type: string, ...paragraphs: string[]) =>
  `<p:sp><p:nvSpPr><p:nvPr><p:ph type="${type}"/></p:nvPr></p:nvSpPr><p:txBody>${paragraphs.join("")}</p:txBody></p:sp>`;
const line = (text: string, level = 0) => `<a:p><a:pPr lvl="${level}"/><a:r><a:t>${text}</a:t></a:r></a:p>`;
const slide = (content: string, attributes = "") =>
  `<p:sld ${attributes}><p:cSld><p:spTree>${content}</p:spTree></p:cSld></p:sld>`;

describe("a presentation", () => {
  it("has its slides in order, with lists and notes, without hidden slides and footers", async () => {
    const bytes = zipOf({
      "_rels/.rels": relations({ main: ["officeDocument", "ppt/presentation.xml"] }),
      "ppt/presentation.xml": `<p:presentation><p:sldIdLst><p:sldId id="1" r:id="b"/><p:sldId id="2" r:id="a"/><p:sldId id="3" r:id="c"/></p:sldIdLst></p:presentation>`,
      "ppt/_rels/presentation.xml.rels": relations({
        a: ["slide", "slides/1.xml"],
        b: ["slide", "slides/2.xml"],
        c: ["slide", "slides/3.xml"],
      }),
      "ppt/slides/1.xml": slide(line("") + shape("body", line("No title here."))),
      "ppt/slides/2.xml": slide(
        shape("body", line("One"), line("Half", 1), line("Two")) +
          shape("title", line("Bees")) +
          shape("ftr", line("ACME")),
      ),
      "ppt/slides/3.xml": slide(shape("title", line("Old")), 'show="0"'),
      "ppt/slides/_rels/2.xml.rels": relations({ n: ["notesSlide", "../notes/1.xml"] }),
      "ppt/notes/1.xml": slide(shape("body", line("Smile.")) + shape("sldNum", line("7"))),
    });
    const { text, title, leftOut } = await read(bytes, ".pptx");
    expect(text.split("\n").filter(Boolean)).toEqual([
      ...["# Bees", "* One", "  * Half", "* Two", "## Notes", "Smile.", "# Slide 2", "No title here."],
    ]);
    expect({ title, leftOut }).toEqual({
      title: "Bees",
      leftOut: [
        { kind: "slide headers and footers", characters: 4 },
        { kind: "hidden slides", characters: 3 },
      ],
    });
  });
});

describe("a book", () => {
  it("has its chapters in the order of its spine, without its contents", async () => {
    const item = (id: string, more = "") =>
      `<item id="${id}" href="${id}%20x.xhtml" media-type="application/xhtml+xml" ${more}/>`;
    const bytes = zipOf({
      "META-INF/container.xml": `<container><rootfiles><rootfile full-path="OPS/a.opf"/></rootfiles></container>`,
      "META-INF/encryption.xml": `<e><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></e>`,
      "OPS/a.opf": `<package><metadata><dc:title>On bees</dc:title></metadata><manifest>${item("a")}${item("b")}${item("n", 'properties="nav"')}</manifest><spine><itemref idref="n"/><itemref idref="b"/><itemref idref="a"/></spine></package>`,
      "OPS/a x.xhtml": "<html><body><h1>Second</h1><p>Swarms.</p></body></html>",
      "OPS/b x.xhtml": "<html><body><h1>First</h1><p>Dances.</p></body></html>",
      "OPS/n x.xhtml": "<html><body><p>What is in this book.</p></body></html>",
    });
    expect(await read(bytes, ".epub")).toEqual({
      title: "On bees",
      text: "# First\n\nDances.\n\n# Second\n\nSwarms.",
      leftOut: [{ kind: "table of contents", characters: 21 }],
    });
  });
});

describe("an OpenDocument text", () => {
  it("has headings, lists, tables and notes, without what is not shown", async () => {
    const cell = (text: string) => `<table:table-cell><text:p>${text}</text:p></table:table-cell>`;
    const body = [
      "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>",
      '<text:h text:outline-level="1">Ferry</text:h>',
      "<text:p>Free<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>In May.</text:p></text:note-body></text:note> for<text:s/>bikes.<office:annotation><text:p>Why?</text:p></office:annotation></text:p>",
      "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>",
      "<text:p>Before<draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame></text:p>",
      `<table:table><table:table-row>${cell("Who")}${cell("Price")}</table:table-row><table:table-row>${cell("Child")}${cell("5")}</table:table-row></table:table>`,
    ].join("");
    const bytes = zipOf({
      "content.xml": `<office:document-content><office:body><office:text>${body}</office:text></office:body></office:document-content>`,
    });
    const { text, title, leftOut } = await read(bytes, ".odt");
    expect(text.split("\n").filter(Boolean)).toEqual([
      ...["# Ferry", "Free for bikes.", "* one", "Before", "In a box."],
      ...["| Who | Price |", "| - | - |", "| Child | 5 |", "## Notes", "1. In May."],
    ]);
    expect({ title, leftOut }).toEqual({
      title: "Ferry",
      leftOut: [
        { kind: "deleted text", characters: 4 },
        { kind: "comments", characters: 4 },
      ],
    });
  });
});
