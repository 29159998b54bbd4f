import { expect, it } from "vitest";
import { adviceFor, EXTENSIONS, readerFor, SAVE_AS } from "#bulk/readers/readers.ts";
import { isSkipped as isSkippedByIngest } from "#bulk/walk.ts";
import { isSkipped, whyNotSent, whyTooLarge } from "#console/page/documents/uploads/file-kinds.ts";
import { newUploads } from "#console/page/documents/uploads/new-uploads.ts";

const KINDS = { extensions: [...EXTENSIONS], max_bytes: 100, save_as: SAVE_AS };
const NAMES = [
  "a.md",
  "A.PDF",
  "a.tar.gz",
  "a.doc",
  "Makefile",
  ".md",
  "a.",
  "~$a.docx",
  ".git",
  "node_modules",
  "a b.Htm",
];

it.each(NAMES)("%s is sent or skipped as by npm run ingest", (name) => {
  expect(isSkipped(name)).toBe(isSkippedByIngest(name));
  expect(whyNotSent(name, KINDS) === undefined).toBe(readerFor(name) !== undefined);
  const advice = adviceFor(name);
  if (advice !== undefined) expect(whyNotSent(name, KINDS)).toBe(advice);
});

it("says what is too large", () => {
  expect(whyTooLarge(100, KINDS)).toBeUndefined();
  expect(whyTooLarge(1_000, KINDS)).toBe("1,000 bytes; at most 100 are read: split it");
});

it("lists each chosen file with its prefix: to send, or why not; of those with one id the first is sent", () => {
  const file = (name: string, bytes = 1) => new File([new Uint8Array(bytes)], name);
  const files = [
    { id: "a.md", file: file("a.md") },
    { id: "a.md", file: file("a.md") },
    { id: "b.png", file: file("b.png") },
    { id: "c.md", file: file("c.md", 101) },
  ];
  const choice = { files, unreadable: [{ id: "d.md", reason: "gone" }], isCut: true };
  expect(newUploads(choice, KINDS, { prefix: "p/", topicIds: [1] })).toEqual([
    { id: "p/a.md", source: { file: files[0]?.file, topicIds: [1] } },
    { id: "p/a.md", failed: expect.stringContaining("same id") },
    { id: "p/b.png", skipped: ".png is not read" },
    { id: "p/c.md", failed: "101 bytes; at most 100 are read: split it" },
    { id: "p/d.md", failed: "gone" },
    { id: "Further files", failed: "More than 4 files: add the rest in parts" },
  ]);
});
