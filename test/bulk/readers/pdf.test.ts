import { describe, expect, it } from "vitest";
import { readPdf } from "#bulk/readers/pdf.ts";
import { linesAt, type Placed, typesetPdf } from "../_typeset-pdf.ts";

const read = (pages: readonly (readonly Placed[])[], title?: string) =>
  readPdf(new Uint8Array(typesetPdf(pages, title)));
const FILL = linesAt(72, 600, [
  "This paragraph is as wide as the others of the page, and says nothing that matters here,",
  "so that the size and the width of the text are known to whoever reads this page alone.",
]);
const FILLED = `${FILL[0]?.text} ${FILL[1]?.text}`;

describe("the text of a PDF", () => {
  it("has its paragraphs on one line each, and headings, lists and code as Markdown", async () => {
    const { text } = await read([
      [
        { text: "Beekeeping", x: 72, y: 80, size: 24 },
        { text: "Feeding", x: 72, y: 120, size: 14 },
        ...linesAt(72, 140, [
          "Bees are fed in winter, when they find nothing outside and the stores of their own are",
          "empty.",
        ]),
        ...linesAt(72, 176, [
          "• sugar",
          "• water that is not colder than the hive, so that the bees do not freeze while they drink",
          "from it",
        ]),
        ...linesAt(90, 230, ["bees feed --sugar 3", "bees list | wc -l", "bees stop"], { font: "Courier" }),
        { text: "Leave of absence", x: 72, y: 300, font: "Helvetica-Bold" },
        ...linesAt(72, 318, ["Everyone has thirty days."]),
        ...FILL,
      ],
    ]);
    expect(text.split("\n\n")).toEqual([
      "# Beekeeping",
      "## Feeding",
      "Bees are fed in winter, when they find nothing outside and the stores of their own are empty.",
      "- sugar\n- water that is not colder than the hive, so that the bees do not freeze while they drink from it",
      "```\nbees feed --sugar 3\nbees list | wc -l\nbees stop\n```",
      "### Leave of absence",
      "Everyone has thirty days.",
      FILLED,
    ]);
  });

  it("joins words that are divided at the end of a line, and keeps hyphens that belong to them", async () => {
    const lines = [
      "An inter-",
      "national and well-",
      "known firm has X-",
      "rays, well-known staff, two- and three-part",
      "forms and pages 3-",
      "5.",
    ];
    const { text } = await read([[...linesAt(72, 100, lines), ...FILL]]);
    expect(text.split("\n\n")[0]).toBe(
      "An international and well-known firm has X-rays, well-known staff, two- and three-part forms and pages 3-5.",
    );
  });

  it("goes on with a sentence on the next page, and has no headers, footers and page numbers", async () => {
    const page = (number: number, lines: string[]) => [
      { text: "Handbook of bees", x: 72, y: 40 },
      { text: `Chapter 1, page ${number} of 4`, x: 400, y: 40 },
      ...linesAt(72, 100, lines),
      { text: String(number), x: 300, y: 760 },
    ];
    const { text, leftOut } = await read([
      page(1, [
        "Bees dance in the dark of the hive, and those that watch them learn where the",
        "flowers are that they",
      ]),
      page(2, ["have seen. Ants walk there."]),
      page(3, ["Wasps do neither of the two."]),
      page(4, ["Page 4 is about hornets."]),
    ]);
    expect(text.split("\n\n")).toEqual([
      "Bees dance in the dark of the hive, and those that watch them learn where the flowers are that they have seen. Ants walk there.",
      "Wasps do neither of the two.",
      "Page 4 is about hornets.",
    ]);
    expect(leftOut).toEqual([{ kind: "headers and footers", characters: 4 * (16 + 22 + 1) }]);
  });

  it("reads two columns of prose one after the other, however they are drawn", async () => {
    const left = Array.from({ length: 8 }, (_, row) => `left line ${row} of the first column here`);
    const right = Array.from({ length: 8 }, (_, row) => `right line ${row} of the second column`);
    const rows = left.flatMap((text, row) => [
      { text, x: 72, y: 120 + 12 * row },
      { text: right[row] ?? "", x: 320, y: 120 + 12 * row },
    ]);
    const { text } = await read([
      [{ text: "A heading over both of the columns of this page", x: 72, y: 90, size: 16 }, ...rows],
    ]);
    expect(text.replace(/\s+/g, " ")).toBe(
      `# A heading over both of the columns of this page ${left.join(" ")} ${right.join(" ")}`,
    );
  });

  it("has the rows of tables as rows", async () => {
    const rows = [
      ["Year", "Days"],
      ["1", "30"],
      ["2", "31 | 32"],
    ].flatMap(([year = "", days = ""], row) => [
      { text: year, x: 72, y: 120 + 14 * row },
      { text: days, x: 300, y: 120 + 14 * row },
    ]);
    const { text } = await read([[...rows, ...FILL]]);
    expect(text.split("\n\n")[0]).toBe("| Year | Days |\n| 1 | 30 |\n| 2 | 31 \\| 32 |");
  });

  it("has no table of contents, and says so", async () => {
    const entries = ["1 Bees . . . . . . . . . 1", "2 Ants . . . . . . . . . . 2", "3 Wasps . . . . . . . . . . 2"];
    const { text, leftOut } = await read([linesAt(72, 100, entries), FILL]);
    expect(text).toBe(FILLED);
    expect(leftOut?.map(({ kind }) => kind)).toEqual(["table of contents"]);
  });

  it("has prices after dots", async () => {
    const { text, leftOut } = await read([
      [...linesAt(72, 100, ["Tea . . . . . . 3.", "Milk ........... 2", "Honey . . . . . . 7"]), ...FILL],
    ]);
    expect(text).toContain("Milk … 2");
    expect(text).toContain("Honey … 7");
    expect(leftOut).toBeUndefined();
  });
});

describe("the title of a PDF", () => {
  const page = [{ text: "Winter", x: 72, y: 80, size: 24 }, { text: "feeding", x: 72, y: 110, size: 24 }, ...FILL];

  it("is that of its properties", async () => {
    expect((await read([page], "Insects (2)")).title).toBe("Insects (2)");
  });

  it.each([
    "",
    "Microsoft Word - winter.doc",
    "untitled",
    "winter feeding v2.indd",
    "Document1",
    "PowerPoint Presentation",
    "---",
  ])("is the largest text of the first page when the properties have %j", async (property) => {
    expect((await read([page], property)).title).toBe("Winter feeding");
  });

  it("is none when all text has one size", async () => {
    expect((await read([FILL])).title).toBeUndefined();
  });
});
