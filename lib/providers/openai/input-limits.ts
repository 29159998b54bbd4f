import { APIError } from "openai";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { readErrorBody } from "#providers/service/error-body.ts";
import { OpenAIServiceError } from "./error.ts";

/** Statuses with which servers refuse an input for its size; llama.cpp does it with 500. */
const STATUSES = [400, 413, 422, 500];
/** About all texts of a request together. */
const BATCH =
  /(?:maximum|max|allowed|client).{0,20} batch.?size|batch.?size (?:\d|is invalid|exceed|too|limit)|(?:requests|inputs|texts|items|elements|documents) (?:can be )?in (?:one|a|the) (?:batch|request)|too many (?:inputs|texts|items|documents|requests in)|(?:number|list|array) of (?:inputs|texts|items|input)|input.{0,20}(?:array|list).{0,20}(?:too long|at most)|'\$\.input' is too long|tokens? (?:per|in) (?:\w+ )?(?:batch|request)|max_tokens_per_request|too many tokens overall|tokens in (?:the )?(?:batch|total)|your batch has|payload too large/i;
/** About a single text. */
const TEXT =
  /input.{0,40} too (?:large|long)|physical batch size|less than \d+ tokens|maximum (?:context|sequence|input|model).{0,10} length|context.?(?:length|window|size)|(?:exceeds?|longer than|more than|over|greater than).{0,40}tokens|tokens?.{0,60}(?:exceed|maximum|limit|too long)/i;
/** Lowest limit that is believed: it says how short a text must be, not how many there are. */
const MIN_TOKENS = 16;

/**
 * What a service found too large: a text ("text"), all of them together ("batch"), or something else (`undefined`).
 *
 * @param texts how many were sent
 */
export function tooLarge(error: unknown, texts: number): "batch" | "text" | undefined {
  const { status, said } = refusalOf(error);
  if (!STATUSES.includes(status)) return undefined;
  if (/physical batch size/i.test(said)) return "text";
  if (texts > 1 && BATCH.test(said)) return "batch";
  if (TEXT.test(said)) return "text";
  if (status === 413) return texts > 1 ? "batch" : "text";
  return undefined;
}

/** The same error with the code that makes `createBatchedEmbedder` send fewer texts. */
export function batchTooLarge({ message, status, headers, detail, cause }: OpenAIServiceError): OpenAIServiceError {
  return new OpenAIServiceError(message, { code: "batch_too_large", status, headers, detail, cause });
}

/** Cuts texts to what the model is known to take, in estimated tokens; learns that from errors. */
export interface TextLimit {
  apply(texts: readonly string[]): string[];
  /** @returns false when the texts cannot be cut any further */
  lower(texts: readonly string[], error: unknown): boolean;
}

export function createTextLimit(): TextLimit {
  let limit = Number.POSITIVE_INFINITY;
  return {
    apply: (texts) => (Number.isFinite(limit) ? texts.map((text) => cut(text, limit)) : [...texts]),
    lower(texts, error) {
      const longest = texts.reduce((tokens, text) => Math.max(tokens, countTokens(text)), 0);
      if (longest <= MIN_TOKENS) return false;
      limit = Math.max(MIN_TOKENS, Math.floor(longest * shareIn(refusalOf(error).said)));
      return true;
    },
  };
}

/** The share of the longest text that fits, as far as the error says both numbers: "less than 512 tokens. Given: 600". */
function shareIn(said: string): number {
  const numbers = (said.match(/\b\d{2,7}\b/g) ?? []).map(Number).filter((number) => number >= MIN_TOKENS);
  const [high = 0, low = 0] = [...new Set(numbers)].sort((a, b) => b - a);
  // The estimate may be too low for some texts, hence the margin.
  return numbers.length >= 2 && low > 0 && low < high ? (low / high) * 0.9 : 0.5;
}

function cut(text: string, limit: number): string {
  let kept = text;
  for (let tokens = countTokens(kept); tokens > limit; tokens = countTokens(kept)) {
    kept = kept.slice(0, Math.floor(kept.length * Math.min(0.95, limit / tokens))).toWellFormed();
  }
  return kept;
}

function refusalOf(error: unknown): { status: number; said: string } {
  const cause = error instanceof OpenAIServiceError ? error.cause : error;
  if (!(cause instanceof APIError)) return { status: 0, said: "" };
  const { text } = readErrorBody(cause.error ?? cause.message);
  return { status: cause.status ?? 0, said: `${cause.code ?? ""} ${text}` };
}
