import { describe, expect, it } from "vitest";
import { markdownOfSheet } from "#bulk/tables/sheet.ts";
import { read, reasonFor, relations, xlsxOf } from "./_office.ts";

const row = (number: number, cells: Readonly<Record<string, string>>) =>
  `<row r="${number}">${Object.entries(cells)
    .map(([place, text]) => `<c r="${place}${number}" t="inlineStr"><is><t>${text}</t></is></c>`)
    .join("")}</row>`;
const table = (...lines: string[]) => lines.join("\n");

describe("the rows of a sheet", () => {
  it.each<[string, string[][], string]>([
    [
      "are a table with the names of its columns, without empty rows and columns",
      [[], ["", "Name", "", "Age"], ["", "Ann", "", "30"], [], ["", "Bob", "", "41"], []],
      table("| Name | Age |", "| --- | --- |", "| Ann | 30 |", "| Bob | 41 |"),
    ],
    [
      "keep pipes and line breaks within cells",
      [
        ["a", "b"],
        ["x|y", "1\n2"],
      ],
      table("| a | b |", "| --- | --- |", "| x\\|y | 1 2 |"),
    ],
    [
      "have titles and remarks beside the table",
      [["Orders of 2026", ""], [], ["Order", "2025"], ["P-1", "7"], [], ["As of May", ""]],
      table("Orders of 2026", "", "| Order | 2025 |", "| --- | --- |", "| P-1 | 7 |", "", "As of May"),
    ],
    [
      "are several tables when another has names of its own",
      [["Name", "Age"], ["Ann", "30"], [], ["City", "People"], ["Oslo", "700000"]],
      table(
        "| Name | Age |",
        "| --- | --- |",
        "| Ann | 30 |",
        "",
        "| City | People |",
        "| --- | --- |",
        "| Oslo | 700000 |",
      ),
    ],
    [
      "have no names when they begin with data",
      [
        ["1", "2.5", "Ann"],
        ["2", "3.5", "Bob"],
      ],
      table("|  |  |  |", "| --- | --- | --- |", "| 1 | 2.5 | Ann |", "| 2 | 3.5 | Bob |"),
    ],
    ["are lines when there is one column", [["Buy milk"], ["Feed bees"]], "Buy milk\nFeed bees"],
    [
      "are kept when they are longer than the first",
      [
        ["a", "b"],
        ["1", "2", "3"],
      ],
      table("| a | b |  |", "| --- | --- | --- |", "| 1 | 2 | 3 |"),
    ],
  ])("%s", (_, grid, expected) => {
    expect(markdownOfSheet(grid)).toBe(expected);
  });
});

describe("a workbook", () => {
  it("has a heading for each sheet, and leaves out hidden ones, comments and drawings, and says so", async () => {
    const bytes = xlsxOf(
      {
        A: row(1, { A: "x", B: "y" }) + row(2, { A: "1", B: "2" }),
        'B" state="veryHidden': row(1, { A: "secret" }),
      },
      {
        more: {
          "xl/worksheets/_rels/s0.xml.rels": relations({ c: ["comments", "../c.xml"], d: ["drawing", "../d.xml"] }),
          "xl/c.xml": "<comments><comment><text><t>Why?</t></text></comment></comments>",
          "xl/d.xml": "<wsDr><a:t>In a box</a:t></wsDr>",
        },
      },
    );
    expect(await read(bytes, ".xlsx")).toEqual({
      text: "# A\n\n| x | y |\n| --- | --- |\n| 1 | 2 |",
      leftOut: [
        { kind: "text in drawings", characters: 8 },
        { kind: "hidden sheets", characters: 6 },
        { kind: "comments", characters: 4 },
      ],
    });
  });

  it("has numbers as they are shown, dates as ISO 8601, and of formulas the value", async () => {
    const styles = `<numFmts><numFmt numFmtId="164" formatCode="0.0%"/><numFmt numFmtId="165" formatCode="d. mmm yyyy"/><numFmt numFmtId="166" formatCode="[nonsense"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="166"/></cellXfs>`;
    const cells = [
      `<c r="A2" s="0"><v>0.30000000000000004</v></c>`,
      `<c r="B2" s="1"><f>1/8</f><v>0.125</v></c>`,
      `<c r="C2" s="2"><v>46082</v></c>`,
      `<c r="D2" s="3"><v>46082.5</v></c>`,
      `<c r="E2" s="4"><v>0.75</v></c>`,
      `<c r="F2" s="5"><v>5</v></c>`,
      `<c r="G2" t="b"><v>1</v></c>`,
      `<c r="H2" t="s"><v>0</v></c>`,
    ].join("");
    const strings = "<si><r><t>two </t></r><r><t>runs</t></r><rPh><t>aid</t></rPh></si>";
    const names = row(1, Object.fromEntries([..."ABCDEFGH"].map((place) => [place, `n${place}`])));
    const { text } = await read(xlsxOf({ S: `${names}<row r="2">${cells}</row>` }, { styles, strings }), ".xlsx");
    expect(text.split("\n").at(-1)).toBe(
      "| 0.3 | 12.5% | 2026-03-01 | 2026-03-01 12:00 | 18:00 | 5 | TRUE | two runs |",
    );
  });

  it("counts dates from 1904 when it says so", async () => {
    const styles = `<cellXfs><xf numFmtId="14"/></cellXfs>`;
    const sheet = `${row(1, { A: "Day", B: "x" })}<row r="2"><c r="A2" s="0"><v>44620</v></c></row>`;
    const { text } = await read(xlsxOf({ S: sheet }, { styles, attributes: 'date1904="1"' }), ".xlsx");
    expect(text).toContain("| 2026-03-01 |");
  });

  it("has the value of a merged cell in each of its rows, and a title over the table once", async () => {
    const sheet = `${row(1, { A: "Fares" })}${row(2, { A: "Zone", B: "Price" })}${row(3, { A: "North", B: "4" })}${row(4, { B: "5" })}<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A3:A4"/></mergeCells>`;
    expect((await read(xlsxOf({ S: sheet }), ".xlsx")).text).toBe(
      "# S\n\nFares\n\n| Zone | Price |\n| --- | --- |\n| North | 4 |\n| North | 5 |",
    );
  });

  it("is read when a merged cell spans everything and a row has the highest number", async () => {
    const sheet = `${row(1, { A: "a", B: "b" })}${row(1_048_576, { A: "c", B: "d" })}<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>`;
    expect(await reasonFor(xlsxOf({ S: sheet }), ".xlsx")).toBe("");
  });
});

describe("a file of separated values", () => {
  const expected = table("| Name | Note |", "| --- | --- |", "| Ann | a,b;c |", "| Bob | 1 2 |");
  it.each<[string, Uint8Array | string, string]>([
    ["with commas", 'Name,Note\r\nAnn,"a,b;c"\r\nBob,"1\r\n2"\r\n', ".csv"],
    ["with semicolons", 'Name;Note\nAnn;"a,b;c"\nBob;"1\n2"\n', ".csv"],
    ["with decimal commas", 'Name;Note\nAnn;"a,b;c"\nBob;1 2\n', ".csv"],
    ["that tells its delimiter to Excel", 'sep=;\nName;Note\nAnn;"a,b;c"\nBob;"1\n2"\n', ".csv"],
    ["with tabs", 'Name\tNote\nAnn\ta,b;c\nBob\t"1\n2"\n', ".tsv"],
    ["in UTF-16 with a byte order mark", Buffer.from('\uFEFFName\tNote\nAnn\ta,b;c\nBob\t"1\n2"\n', "utf16le"), ".csv"],
  ])("%s is a table", async (_, bytes, extension) => {
    expect((await read(bytes, extension)).text).toBe(expected);
  });

  it("with a quote that is never closed is refused, with the row", async () => {
    expect(await reasonFor('a,b\n1,2\n3,"4\n', ".csv")).toBe(
      "a quote that is opened in row 3 is never closed: fix that row",
    );
  });
});
