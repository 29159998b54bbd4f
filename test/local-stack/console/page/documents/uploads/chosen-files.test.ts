import { expect, it } from "vitest";
import { findFiles } from "#bulk/files.ts";
import { filesOfDrop, filesOfInput } from "#console/page/documents/uploads/chosen-files.ts";
import { folderOf } from "../../../../../bulk/_folder.ts";

interface Folder {
  [name: string]: Folder | string;
}

/** Entries as a browser has them: a folder is read two at a time. */
function entryOf(name: string, content: Folder | string | Error) {
  if (typeof content === "string" || content instanceof Error) {
    const file = (onFile: (file: File) => void, onError: (error: Error) => void) =>
      typeof content === "string" ? onFile(new File([content], name)) : onError(content);
    return { name, isFile: true, isDirectory: false, file };
  }
  return {
    ...{ name, isFile: false, isDirectory: true },
    createReader() {
      const entries = Object.entries(content).map(([child, inner]) => entryOf(child, inner));
      return { readEntries: (onEntries: (entries: unknown[]) => void) => onEntries(entries.splice(0, 2)) };
    },
  };
}

function pathsOf(folder: Folder, base = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(folder).flatMap(([name, inner]) =>
      typeof inner === "string" ? [[base + name, inner]] : Object.entries(pathsOf(inner, `${base}${name}/`)),
    ),
  );
}

const FOLDER: Folder = {
  "b.md": "b",
  "~$b.docx": "lock",
  ".git": { "c.md": "hidden" },
  node_modules: { x: { "README.md": "x" } },
  sub: { "a é.md": "a", ".hidden.md": "h", deep: { "d.txt": "d", "e.md": "e", "f.md": "f" } },
};
const IDS = ["b.md", "sub/a é.md", "sub/deep/d.txt", "sub/deep/e.md", "sub/deep/f.md"];

it("files of a folder that is dropped have the ids that npm run ingest gives them, and the same are left out", async () => {
  const { files } = await filesOfDrop([entryOf("docs", FOLDER)] as never);
  expect(files.map(({ id }) => id)).toEqual(IDS);
  expect(await files[2]?.file.text()).toBe("d");
  const found = await findFiles([folderOf(pathsOf(FOLDER))], { cwd: "/" });
  expect(found.files.map(({ id }) => id)).toEqual(IDS);
});

it("files of a folder that is chosen have the same ids", () => {
  const chosen = Object.keys(pathsOf(FOLDER)).map((path) =>
    Object.assign(new File([], path.split("/").at(-1) ?? ""), { webkitRelativePath: `docs/${path}` }),
  );
  expect(filesOfInput(chosen).files.map(({ id }) => id)).toEqual(IDS);
  expect(filesOfInput([new File([], "single.md")]).files.map(({ id }) => id)).toEqual(["single.md"]);
});

it("what cannot be read is named, and the rest is there", async () => {
  const gone = entryOf("gone.md", new Error("NotFound"));
  const { files, unreadable } = await filesOfDrop([gone, entryOf("a.md", "a")] as never);
  expect(files.map(({ id }) => id)).toEqual(["a.md"]);
  expect(unreadable).toEqual([{ id: "gone.md", reason: "cannot be read (NotFound)" }]);
});

it("takes 5,000 files of a drop, and says that there were more", async () => {
  const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, number) => [`${number}.md`, ""]));
  const { files, isCut } = await filesOfDrop([entryOf("docs", many)] as never);
  expect({ files: files.length, isCut }).toEqual({ files: 5_000, isCut: true });
});
