import { expect, it } from "vitest";
import { walk } from "#bulk/walk.ts";
import { folderOf } from "../_folder.ts";

it("documents of old kinds are named with what to save them as, and lock files are not", async () => {
  const folder = folderOf({ "a.doc": "", "b.XLS": "", "c.png": "", "~$d.docx": "", "d.docx": "" });
  const { files, skipped, ignored } = await walk({ path: "", real: folder });
  expect({ files: files.map(({ path }) => path), skipped, ignored }).toEqual({
    files: ["d.docx"],
    skipped: [
      { path: "a.doc", reason: ".doc is not read: save it as .docx" },
      { path: "b.XLS", reason: ".xls is not read: save it as .xlsx" },
    ],
    ignored: 1,
  });
});
