import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readMarkdown } from "#bulk/readers/markdown.ts";
import type { NewDocument } from "#rag/ingest.ts";
import type { Dataset } from "./dataset.ts";

/** A document, and a question that it alone answers; the question's text is not in it. */
interface Pair {
  document: NewDocument;
  question: string;
}

const MAX_PAIRS = 400;
const MAX_LENGTH = 3_000;
const MIN_LENGTH = 200;
const MIN_WORDS = 4;
/** Packages of one scope resemble each other. */
const MAX_OF_SCOPE = 10;
/** Packages whose functions have comments. */
const SOURCES = [
  "*mdast*/**/*.js",
  "*hast*/**/*.js",
  "micromark*/**/*.js",
  "knip/dist/**/*.js",
  "serverless/lib/**/*.js",
];
/** A comment in JSDoc's form and the function below it, up to the brace that closes it at the start of a line. */
const FUNCTION = /\/\*\*\n((?: \*.*\n)+?) \*\/\n((?:export )?(?:async )?function\*? (\w+)[\s\S]*?\n\}\n)/g;

/**
 * Collections of other kinds than the documentation, made from the installed packages, whose versions the lockfile fixes:
 * - `npm-code`: functions without their comments, asked for with the first sentence of the comment;
 * - `npm-packages`: READMEs, asked for with the description in package.json.
 */
export const COLLECTIONS: Readonly<Record<string, (modules: string) => Dataset>> = {
  "npm-code": (modules) => toDataset(functionsIn(modules)),
  "npm-packages": (modules) => toDataset(packagesIn(modules)),
};

function* functionsIn(modules: string): Generator<Pair> {
  for (const path of globSync(SOURCES, { cwd: modules }).sort()) {
    const source = readFileSync(join(modules, path), "utf8");
    for (const [, comment = "", code = "", name = ""] of source.matchAll(FUNCTION)) {
      const text = comment.replace(/^ \* ?/gm, "");
      const [first = ""] = text.split(/\n\s*\n|(?<=\.)\s|\n@/);
      yield { document: { id: `${path}#${name}`, text: code }, question: first.replace(/\s+/g, " ").trim() };
    }
  }
}

function* packagesIn(modules: string): Generator<Pair> {
  const scopes = new Map<string, number>();
  for (const path of globSync(["*/package.json", "@*/*/package.json"], { cwd: modules }).sort()) {
    const { description = "", name = "" } = JSON.parse(readFileSync(join(modules, path), "utf8")) as Record<
      string,
      string
    >;
    const [readme] = globSync("[Rr][Ee][Aa][Dd][Mm][Ee].md", { cwd: join(modules, dirname(path)) });
    const [scope = ""] = name.includes("/") ? name.split("/") : [name];
    scopes.set(scope, (scopes.get(scope) ?? 0) + 1);
    if (!readme || !description || (scopes.get(scope) ?? 0) > MAX_OF_SCOPE) continue;
    const { text } = readMarkdown(readFileSync(join(modules, dirname(path), readme), "utf8"));
    const lines = text.split("\n").filter((line) => !plain(line).includes(plain(description)));
    yield { document: { id: name, text: lines.join("\n").slice(0, MAX_LENGTH) }, question: description };
  }
}

/** The first pairs whose documents and questions are distinct, long enough, and do not contain each other. */
function toDataset(pairs: Iterable<Pair>): Dataset {
  const kept = new Map<string, Pair>();
  const seen = new Set<string>();
  for (const pair of pairs) {
    const { document, question } = pair;
    const text = document.text.trim();
    const fits = text.length >= MIN_LENGTH && text.length <= MAX_LENGTH && question.split(" ").length >= MIN_WORDS;
    if (!fits || seen.has(question) || seen.has(text) || plain(text).includes(plain(question))) continue;
    for (const one of [question, text]) seen.add(one);
    if (kept.size < MAX_PAIRS) kept.set(document.id, pair);
  }
  const all = [...kept.values()];
  return {
    documents: all.map(({ document }) => document),
    questions: all.map(({ document, question }) => ({
      id: document.id,
      text: question,
      relevant: new Map([[document.id, 1]]),
      answers: [],
    })),
    unanswerable: [],
  };
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
