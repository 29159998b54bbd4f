/** What becomes of each shell block of the docs: it is run by `npm run test:docs`, or there is a reason why not. */
export type Way =
  /** Run in a shell, against a server of `npm run dev` where the block asks one. */
  | { kind: "run" }
  /** Run until it says that it is ready, asked a question, and ended. */
  | { kind: "serve" }
  /** A line of .ci/run. */
  | { kind: "ci"; line: string }
  /** Assignments alone: test/docs/settings.test.ts looks at each. */
  | { kind: "settings" }
  | { kind: "not run"; why: string };

interface Rule {
  /** Of the whole block. */
  pattern: RegExp;
  way: Way;
  /** What stands for the reader's own, and what it is in the test. */
  instead?: Readonly<Record<string, string>>;
}

const AWS = "needs an AWS account";
const LONG = "takes many minutes and two quiet cores; its options are checked, and parts of it have tests";
const STACK = "npm run test:stack starts the same stack, on free ports and with settings of its own";

export const RULES: readonly Rule[] = [
  // CI has just done `npm ci`, on a clean clone.
  { pattern: /^npm ci && npm run dev$/, way: { kind: "serve" }, instead: { "npm ci && ": "" } },
  { pattern: /^npm ci && npm test$/, way: { kind: "ci", line: "{ npm ci && npm test; } || exit 1" } },
  { pattern: /^npm run (?:test:lambda|test:faults|test:stack)$/, way: { kind: "ci", line: "" } },
  { pattern: /^curl -[sN]+ .*http:\/\/localhost:3000\//s, way: { kind: "run" } },
  { pattern: /^export OPENAI_BASE_URL=http:\/\/localhost:11434\/v1\n.*\nnpm run dev$/s, way: { kind: "serve" } },
  { pattern: /^(?:npm run key -- .*\n?)+$/, way: { kind: "run" } },
  {
    pattern: /^npm run ingest -- ~\/handbook$/,
    way: { kind: "run" },
    instead: { "~/handbook": "docs/decisions --url http://localhost:3000" },
  },
  {
    pattern: /^npm run eval -- --dataset DIR(?: --url http:\/\/localhost:3000)?$/,
    way: { kind: "run" },
    instead: { DIR: "test/fixtures/tiny-beir" },
  },
  {
    pattern: /^npm run eval -- --dataset test\/fixtures\/golden$/,
    way: { kind: "not run", why: "test/tools/eval/golden.test.ts runs it" },
  },
  {
    pattern: /^(?:npm ci\n)?npm run package -- --stage production$/,
    way: { kind: "run" },
    instead: { "npm ci\n": "" },
  },
  {
    pattern: /^RAG_SMOKE_KEY=erag_… npm run smoke -- https:\S+$/,
    way: { kind: "run" },
    instead: {
      "RAG_SMOKE_KEY=erag_… ": "",
      "https://abc123.execute-api.us-east-1.amazonaws.com": "http://localhost:3000",
    },
  },
  { pattern: /^npm run size$/, way: { kind: "run" } },
  { pattern: /^npm run bench -- .*$/, way: { kind: "not run", why: LONG } },
  { pattern: /^(?:COLLECTOR_\w+=\S+ )*npm run stack up(?: telemetry)?$/, way: { kind: "not run", why: STACK } },
  { pattern: /^(?:(?:export )?[A-Z][A-Z0-9_]+=(?:'[^']*'|\S*)(?:\n|$))+$/, way: { kind: "settings" } },
  { pattern: /^(?:(?:aws|npx osls) .*(?:\n|$))+$/, way: { kind: "not run", why: AWS } },
  {
    pattern: /^export RAG_API_KEY=erag_…\n(?:npm run ingest -- ~\/handbook --(?:url|queue) .*(?:\n|$))+$/,
    way: { kind: "not run", why: AWS },
  },
  {
    pattern: /^QDRANT_URL=https:\/\/… node lib\/deploy\/ci\/remove-previews\.ts pr-7$/,
    way: { kind: "not run", why: AWS },
  },
  {
    pattern:
      /^npm run package .*\nRAG_SMOKE_KEY=erag_… node lib\/deploy\/stack\/release-stage\.ts \w+\n(?:npx osls .*\n?)+$/,
    way: { kind: "not run", why: AWS },
  },
];

/** @throws Error for a block that is neither run nor listed */
export function ruleFor(block: string): Rule {
  const rule = RULES.find(({ pattern }) => pattern.test(block));
  if (!rule)
    throw new Error(`no rule for this block: run it in test/docs/_commands.ts, or say there why not:\n${block}`);
  return rule;
}

/** The block as it is run. */
export function runnable(block: string): string {
  return Object.entries(ruleFor(block).instead ?? {}).reduce((text, [from, to]) => text.replaceAll(from, to), block);
}
