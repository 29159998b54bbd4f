import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf, pages } from "./_pages.ts";

const PAGE = "docs/ARCHITECTURE.md";
const page = pages().find(({ path }) => path === PAGE);
const tree = page ? blocksOf(page).find(({ text }) => text.startsWith("functions/")) : undefined;

/** The paths of an annotated tree: indented by two, several names to a line, the description after two spaces. */
function pathsOf(text: string): string[] {
  const folders: string[] = [];
  return text.split("\n").flatMap((line) => {
    const [, indent = "", names = ""] = /^( *)(\S+(?: \S+)*?)(?= {2}|$)/.exec(line) ?? [];
    folders.length = indent.length / 2;
    const paths = names.split(" ").map((name) => folders.join("") + name);
    folders.push(names);
    return paths;
  });
}

const foldersIn = (path: string) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${path}/${name}/`);

/** A folder with nothing in it that git keeps, as one left over from a branch, is not there. */
const hasFiles = (folder: string) => globSync(`${folder}**/*.*`).some((path) => statSync(path).isFile());

test("the tree names every folder of lib, test and local-stack", () => {
  const rooms = foldersIn("lib");
  const expected = [
    ...["functions/", ...rooms, ...rooms.flatMap((room) => foldersIn(room.slice(0, -1)))],
    ...[...foldersIn("test"), ...foldersIn("test/tools"), ...foldersIn("local-stack"), ...foldersIn("docs")],
  ].filter(hasFiles);
  const named = new Set(pathsOf(tree?.text ?? ""));
  expect(expected.length).toBeGreaterThan(50);
  expect(expected.filter((path) => !named.has(path))).toEqual([]);
});

test("the tree names nothing that does not exist", () => {
  const missing = pathsOf(tree?.text ?? "").filter(
    (path) => !existsSync(path) || statSync(path).isDirectory() !== path.endsWith("/"),
  );
  expect(missing).toEqual([]);
});

test("every file that the page names exists", () => {
  const text = readFileSync(PAGE, "utf8").replace(tree?.text ?? "", "");
  const named = [...text.matchAll(/(?<![\w#./-])((?:lib|functions|test|local-stack)\/[\w./-]+\.\w+)/g)].map(
    ([, path = ""]) => path,
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
  // Without its folder a reader cannot find a file, and this test cannot check it.
  const bare = [...text.matchAll(/(?<![\w#./-])([\w-]+\.(?:ts|yaml))\b/g)].map(([, name = ""]) => name);
  expect(bare).toEqual([]);
});

test("reads several names to a line, and folders in folders", () => {
  expect(pathsOf("a/     first\n  b/ c.ts  both\n  d/\n    e/   deep\nf.ts")).toEqual([
    "a/",
    "a/b/",
    "a/c.ts",
    "a/d/",
    "a/d/e/",
    "f.ts",
  ]);
});
