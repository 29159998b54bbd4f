import { parseArgs } from "node:util";
import { COLLECTIONS } from "./collections/collections.ts";

const USAGE = `usage: npm run eval -- --dataset DIR [--limit N] [--top-k N] [--json] [--url URL [--key KEY]]
       npm run eval -- --all [--dataset DIR]
       npm run eval -- --answers [--dataset DIR] [--limit N] [--top-k N] [--url URL [--key KEY]] [--save FILE]
       npm run eval -- --compare A.json B.json [--save FILE]
       npm run eval -- --conversations
       npm run eval -- --groundedness
DIR is a folder in BEIR's layout, or one of ${Object.keys(COLLECTIONS).join(", ")}.`;

/** Rankings are measured among ten; answers are given five sources, as by `POST /query`. */
const RANKING_TOP_K = 10;
const ANSWER_TOP_K = 5;

export type Options = ReturnType<typeof readOptions>;

/** The command line. @throws Error that says what is wrong with it */
export function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dataset: { type: "string" },
      all: { type: "boolean", default: false },
      answers: { type: "boolean", default: false },
      compare: { type: "string" },
      conversations: { type: "boolean", default: false },
      groundedness: { type: "boolean", default: false },
      limit: { type: "string" },
      "top-k": { type: "string" },
      json: { type: "boolean", default: false },
      save: { type: "string" },
      url: { type: "string" },
      key: { type: "string" },
    },
  });
  const { dataset, all, answers, compare, conversations, groundedness, save } = values;
  if (![dataset, all, answers, compare, conversations, groundedness].some(Boolean)) throw new Error(USAGE);
  const [other, ...rest] = positionals;
  if (compare !== undefined && (other === undefined || rest.length > 0)) {
    throw new Error(`--compare takes two files, A.json and B.json, not ${positionals.length + 1}`);
  }
  if (compare === undefined && other !== undefined) throw new Error(`"${other}" belongs to no option\n${USAGE}`);
  if (save !== undefined && !answers && compare === undefined) {
    throw new Error("--save belongs to --answers and --compare; --json prints the other figures as JSON");
  }
  return {
    ...{ dataset, all, answers, conversations, groundedness, save },
    compared: compare !== undefined && other !== undefined ? { a: compare, b: other } : undefined,
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : positive("--limit", values.limit),
    topK:
      values["top-k"] === undefined ? (answers ? ANSWER_TOP_K : RANKING_TOP_K) : positive("--top-k", values["top-k"]),
    json: values.json,
    url: values.url,
    key: values.key,
  };
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(Number.isInteger(number) && number > 0))
    throw new Error(`${name} must be a whole number above 0, not ${value}`);
  return number;
}
