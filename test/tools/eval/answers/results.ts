import { readFileSync } from "node:fs";
import * as z from "zod/mini";

const result = z.object({
  question: z.string(),
  /** Whether the documents answer it. */
  answerable: z.boolean(),
  /** Strings of which an answer must contain one; empty when the data set has none. */
  expected: z.array(z.string()),
  answered: z.boolean(),
  answer: z.string(),
  /** In [0, 1]; absent for a refusal, and for an answer that says nothing that can be looked up. */
  groundedness: z.optional(z.number().check(z.gte(0), z.lte(1))),
});

const results = z.object({
  top_k: z.int(),
  datasets: z.array(z.object({ dataset: z.string(), results: z.array(result) })),
});

/** A question and how it was answered. */
export type Result = z.infer<typeof result>;

/** What `npm run eval -- --answers --save FILE` writes. */
export type Results = z.infer<typeof results>;

/** @throws Error in one line when there is no such file, or it has something else */
export function readResults(file: string): Results {
  const { data, error } = results.safeParse(parsed(file));
  if (!error) return data;
  const at = error.issues[0]?.path.join(".") || "all of it";
  throw new Error(`${file}: ${at} is missing or invalid: "npm run eval -- --answers --save FILE" writes such files`);
}

function parsed(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? 'no such file: "npm run eval -- --answers --save FILE" writes one' : message;
    throw new Error(`${file}: ${why}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file}: not JSON (${(cause as Error).message.replaceAll(/\s+/g, " ")}): measure it again`, {
      cause,
    });
  }
}
