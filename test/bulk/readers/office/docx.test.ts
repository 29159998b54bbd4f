import { describe, expect, it } from "vitest";
import { docxOf, paragraph, read } from "./_office.ts";

const style = (id: string, name: string, more = "") =>
  `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${more}</w:style>`;
const STYLES = [
  style("berschrift1", "heading 1"),
  style("Kapitel", "Kapitel", '<w:basedOn w:val="berschrift1"/>'),
  style("Eigen", "Eigen", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>'),
  style("Titel", "Title"),
  style("Verzeichnis1", "toc 1"),
  style("a", "a", '<w:basedOn w:val="b"/>'),
  style("b", "b", '<w:basedOn w:val="a"/>'),
].join("");
const textOf = async (body: string, more = {}) => (await read(docxOf(body, { styles: STYLES, ...more }), ".docx")).text;

describe("a Word document", () => {
  it("has the headings of its styles, whatever their language, and of styles based on them", async () => {
    const body = `${paragraph("One", "berschrift1")}${paragraph("Two", "Kapitel")}${paragraph("Three", "Eigen")}${paragraph("Text", "a")}`;
    expect(await textOf(body)).toBe("# One\n\n# Two\n\n## Three\n\nText\n");
  });

  it("has its title above them, which is also its own", async () => {
    const body = paragraph("Handbook", "Titel") + paragraph("Leave", "berschrift1") + paragraph("30 days.");
    const { text, title } = await read(docxOf(body, { styles: STYLES }), ".docx");
    expect({ text, title }).toEqual({ text: "# Handbook\n\n## Leave\n\n30 days.\n", title: "Handbook" });
  });

  it("is read with all changes accepted and without what is not shown, which is said", async () => {
    const body = `<w:p><w:r><w:t xml:space="preserve">It ends in </w:t></w:r><w:del><w:r><w:delText>May</w:delText></w:r></w:del><w:ins><w:r><w:t>March</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>.</w:t></w:r></w:p>${paragraph("Leave 3", "Verzeichnis1")}`;
    const more = { styles: STYLES, header: paragraph("Confidential"), comments: paragraph("Why?") };
    expect(await read(docxOf(body, more), ".docx")).toEqual({
      text: "It ends in March.\n",
      leftOut: [
        { kind: "page headers and footers", characters: 12 },
        { kind: "table of contents", characters: 7 },
        { kind: "hidden text", characters: 6 },
        { kind: "comments", characters: 4 },
        { kind: "deleted text", characters: 3 },
      ],
    });
  });

  it("keeps the text of boxes once, after the paragraph that they are anchored in", async () => {
    const box = `<w:txbxContent>${paragraph("In the box.")}</w:txbxContent>`;
    const run = `<w:r><mc:AlternateContent><mc:Choice><w:drawing>${box}</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>${box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>`;
    expect(await textOf(`<w:p><w:r><w:t>Before.</w:t></w:r>${run}</w:p>${paragraph("After.")}`)).toBe(
      "Before.\n\nIn the box.\n\nAfter.\n",
    );
  });

  it("takes the first row of a table for the names of its columns", async () => {
    const row = (...cells: string[]) =>
      `<w:tr>${cells.map((cell) => `<w:tc>${paragraph(cell)}</w:tc>`).join("")}</w:tr>`;
    expect(await textOf(`<w:tbl>${row("Country", "Rate")}${row("Chile", "a|b")}</w:tbl>`)).toBe(
      "| Country | Rate |\n| - | - |\n| Chile | a\\|b |\n",
    );
  });

  it("reads formulas as text", async () => {
    const t = (text: string) => `<m:r><m:t>${text}</m:t></m:r>`;
    const power = `<m:sSup><m:e>${t("r")}</m:e><m:sup>${t("2")}</m:sup></m:sSup>`;
    const fraction = `<m:f><m:num>${t("a")}</m:num><m:den>${t("b")}</m:den></m:f>`;
    expect(await textOf(`<w:p><m:oMath>${t("x=")}${power}${t("+")}${fraction}</m:oMath></w:p>`)).toBe(
      "x=r^2+(a)/(b)\n",
    );
  });

  it("has its footnotes at the end, without marks in the text", async () => {
    const note = `<w:footnote w:id="2">${paragraph("But not in May.")}</w:footnote>`;
    const body = `<w:p><w:r><w:t>Days expire.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>`;
    expect(await textOf(body, { footnotes: note })).toBe("Days expire.\n\n## Notes\n\n1. But not in May.\n");
  });
});
