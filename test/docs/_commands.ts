/** How a shell block of the docs is tested: `npm run test:docs` runs it, or there is a reason why not. */
export type Handling =
  /** Run in a shell; requests go to a server of `npm run dev`. */
  | { kind: "run" }
  /** Started, asked a question once it is ready, and stopped. */
  | { kind: "serve" }
  /** Lines of .ci/run. */
  | { kind: "ci"; lines: readonly string[] }
  /** Only assignments, which test/docs/settings.test.ts checks. */
  | { kind: "settings" }
  | { kind: "not run"; why: string };

interface Rule {
  /** Matches the whole block. */
  pattern: RegExp;
  handling: Handling;
  /** Placeholders of the docs, and their values in the test. */
  substitutions?: Readonly<Record<string, string>>;
}

const AWS = "needs an AWS account";
const STEPS = "test/aws/from-zero.test.ts runs the steps of AWS from zero on an emulator, as they stand there";
const LONG = "takes many minutes and two quiet cores; its options are checked, and parts of it have tests";
const STACK = "npm run test:stack starts the same stack, on free ports and with settings of its own";

export const RULES: readonly Rule[] = [
  { pattern: /^git clone .*\ncd edge-rag\nnpm ci$/, handling: { kind: "not run", why: STEPS } },
  {
    pattern: /^NEW_KEY=.*\naws secretsmanager create-secret .*\nrm secrets\.json$/s,
    handling: { kind: "not run", why: STEPS },
  },
  {
    pattern: /^npm run (?:preflight|package) -- --stage dev$/,
    handling: { kind: "not run", why: STEPS },
  },
  {
    pattern: /^URL=\$\(aws .*\nRAG_SMOKE_KEY=\$RAG_API_KEY npm run smoke .*$/s,
    handling: { kind: "not run", why: STEPS },
  },
  {
    pattern: /^npm run ingest -- docs\/SECURITY\.md --url "\$URL"\ncurl .*$/s,
    handling: { kind: "not run", why: STEPS },
  },
  { pattern: /^npx osls (?:deploy|remove) .*--stage dev(?:\naws .*)?$/, handling: { kind: "not run", why: STEPS } },
  // CI has just run `npm ci`, on a clean clone.
  { pattern: /^npm ci && npm run dev$/, handling: { kind: "serve" }, substitutions: { "npm ci && ": "" } },
  {
    pattern: /^npm ci && npm test$/,
    handling: { kind: "ci", lines: ['{ npm ci && npm test; } || echo "npm test" >>"$work/again"'] },
  },
  { pattern: /^npm run test:lambda$/, handling: { kind: "ci", lines: ["npm run test:lambda"] } },
  { pattern: /^npm run test:faults$/, handling: { kind: "ci", lines: ["npm run test:faults"] } },
  {
    pattern: /^npm run test:stack$/,
    handling: {
      kind: "ci",
      lines: ["together", "alone"].map((project) => `npm run test:stack -- --project ${project}`),
    },
  },
  {
    pattern: /^curl -s http:\/\/localhost:3000\/feedback /,
    handling: {
      kind: "not run",
      why: "needs the token of an answer; test/contract/feedback.test.ts sends such requests",
    },
  },
  { pattern: /^curl -[sN]+ .*http:\/\/localhost:3000\//s, handling: { kind: "run" } },
  { pattern: /^export OPENAI_BASE_URL=http:\/\/localhost:11434\/v1\n.*\nnpm run dev$/s, handling: { kind: "serve" } },
  {
    pattern: /^npm run test:console\nnpm run bench -- dev$/,
    handling: { kind: "not run", why: "CI runs the first; the second measures for minutes" },
  },
  {
    pattern: /^npm run bench -- embed\nnpm run bench -- dev$/,
    handling: { kind: "not run", why: "measures for minutes, and installs packages" },
  },
  {
    pattern: /^RAG_LOCAL_MODEL=/,
    handling: { kind: "not run", why: "needs a model; test/peers/local-model.test.ts embeds with one of a folder" },
  },
  {
    pattern: /^export OPENAI_CHAT_BASE_URL=http:\/\/localhost:11434/,
    handling: { kind: "not run", why: "needs Ollama" },
  },
  { pattern: /^(?:npm run key -- .*\n?)+$/, handling: { kind: "run" } },
  {
    pattern: /^aws iam put-role-policy --role-name github-edge-rag-/m,
    handling: { kind: "not run", why: "test/aws/iam/deploy.test.ts runs it, on an emulator of AWS" },
  },
  {
    pattern: /^npm run ingest -- ~\/handbook$/,
    handling: { kind: "run" },
    substitutions: { "~/handbook": "docs/decisions --url http://localhost:3000" },
  },
  {
    pattern: /^npm run eval -- --dataset DIR(?: --url http:\/\/localhost:3000)?$/,
    handling: { kind: "run" },
    substitutions: { DIR: "test/fixtures/tiny-beir" },
  },
  {
    pattern: /^npm run eval -- --dataset test\/fixtures\/golden$/,
    handling: { kind: "not run", why: "test/tools/eval/golden.test.ts runs it" },
  },
  {
    pattern:
      /^npm run eval -- --answers(?: --save before\.json\n.*after\.json\n.*--compare before\.json after\.json)?$/s,
    handling: { kind: "not run", why: "takes minutes; test/tools/eval/main.test.ts runs it on a few questions" },
  },
  {
    pattern: /^npm run eval -- --conversations$/,
    handling: { kind: "not run", why: "test/tools/eval/conversations/conversations.test.ts plays the same" },
  },
  {
    pattern: /^(?:npm ci\n)?npm run package -- --stage production$/,
    handling: { kind: "run" },
    // A package needs the addresses of services.
    substitutions: {
      "npm ci\n": "export QDRANT_URL=https://qdrant.example:6333 UPSTASH_REDIS_REST_URL=https://redis.example\n",
    },
  },
  {
    pattern: /^RAG_SMOKE_KEY=erag_… npm run smoke -- https:\S+$/,
    handling: { kind: "run" },
    substitutions: {
      "RAG_SMOKE_KEY=erag_… ": "",
      "https://abc123.execute-api.us-east-1.amazonaws.com": "http://localhost:3000",
    },
  },
  { pattern: /^npm run preflight -- --stage production$/, handling: { kind: "not run", why: AWS } },
  {
    pattern: /^docker compose --profile app up --build$/,
    handling: {
      kind: "not run",
      why: "needs Docker; test/stack/config.test.ts and test/local-stack/app.test.ts read it",
    },
  },
  {
    pattern: /^npm run package -- --target worker\n(?:npx wrangler@4 .*\n)+RAG_SMOKE_KEY=erag_… npm run smoke .*$/,
    handling: { kind: "not run", why: "needs an account of Cloudflare; test/runtimes runs the packaged worker" },
  },
  { pattern: /^npm run size$/, handling: { kind: "run" } },
  { pattern: /^npm run bench -- .*$/, handling: { kind: "not run", why: LONG } },
  { pattern: /^(?:COLLECTOR_\w+=\S+ )*npm run stack up(?: telemetry)?$/, handling: { kind: "not run", why: STACK } },
  { pattern: /^(?:(?:export )?[A-Z][A-Z0-9_]+=(?:'[^']*'|\S*)(?:\n|$))+$/, handling: { kind: "settings" } },
  { pattern: /^(?:(?:aws|npx osls) .*(?:\n|$))+$/, handling: { kind: "not run", why: AWS } },
  {
    pattern: /^export RAG_API_KEY=erag_…\n(?:npm run ingest -- ~\/handbook --(?:url|queue) .*(?:\n|$))+$/,
    handling: { kind: "not run", why: AWS },
  },
  {
    pattern: /^QDRANT_URL=https:\/\/… node lib\/deploy\/ci\/remove-previews\.ts pr-7$/,
    handling: { kind: "not run", why: AWS },
  },
  {
    pattern: /^npm run package .*\nRAG_SMOKE_KEY=erag_… node lib\/deploy\/release\/main\.ts \w+\n(?:npx osls .*\n?)+$/,
    handling: { kind: "not run", why: AWS },
  },
];

/** @throws Error for a block without a rule */
export function ruleFor(block: string): Rule {
  const rule = RULES.find(({ pattern }) => pattern.test(block));
  if (!rule)
    throw new Error(
      `no rule for this block: add one to test/docs/_commands.ts that runs it, or says why not:\n${block}`,
    );
  return rule;
}

/** The block with its placeholders replaced. */
export function runnable(block: string): string {
  return Object.entries(ruleFor(block).substitutions ?? {}).reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    block,
  );
}
