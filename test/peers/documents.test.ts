import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readDocument } from "#bulk/read-document.ts";
import { virtualEnvironment } from "../support/python/environment.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "edge-rag-documents-"));
  execFileSync(join(virtualEnvironment("documents"), "python"), [
    join(import.meta.dirname, "office_documents.py"),
    folder,
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(name: string) {
  const { document, leftOut } = await readDocument({ path: join(folder, name), id: name }, []);
  return { title: document.title, lines: document.text.split("\n").filter(Boolean), leftOut };
}

it("a document of python-docx has its headings, steps and table, without hidden and deleted text", async () => {
  expect(await read("handbook.docx")).toEqual({
    title: "Staff handbook",
    lines: [
      "# Staff handbook",
      "## Leave",
      "Everyone has 30 days of leave.",
      "1. Ask your team.",
      "2. Fill in form L-7.",
      "Carry over ends in March.",
      "### Rates",
      "| Country | Rate |",
      "| - | - |",
      "| Norway | a\\|b |",
      "| Chile | 31 |",
    ],
    leftOut: [
      { kind: "hidden text", characters: 14 },
      { kind: "deleted text", characters: 14 },
      { kind: "page headers and footers", characters: 12 },
    ],
  });
});

it("a presentation of python-pptx has its slides in their order, with notes, without the hidden one", async () => {
  expect(await read("review.pptx")).toEqual({
    title: "Quarterly review",
    lines: [
      "# Quarterly review",
      "Autumn",
      "# By country",
      "| Country | Sales |",
      "| - | - |",
      "| Chile | 42 |",
      "# Results",
      "* Sales grew",
      "  * mostly in Chile",
      "## Notes",
      "Thank the team in Santiago.",
    ],
    leftOut: [{ kind: "hidden slides", characters: 8 }],
  });
});

it("a workbook of openpyxl has its numbers and dates as they are shown, without the hidden sheet", async () => {
  expect(await read("orders.xlsx")).toEqual({
    title: undefined,
    lines: [
      "# Orders",
      "Orders of 2026",
      "| Order | Date | Price | Share | Note |",
      "| --- | --- | --- | --- | --- |",
      "| P-1 | 2026-03-01 | 1,234.50 € | 12.5% | two lines |",
      "| P-2 | 2026-03-02 14:30 | 7.00 € | 100.0% | a\\|b |",
    ],
    leftOut: [{ kind: "hidden sheets", characters: 33 }],
  });
});

it("a book of EbookLib has its chapters in the order of its spine", async () => {
  expect(await read("bees.epub")).toMatchObject({
    title: "On bees",
    lines: ["# Dances", "They dance.", "# Swarms", "They swarm in May."],
  });
});
