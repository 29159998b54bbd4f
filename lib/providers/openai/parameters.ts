import { APIError } from "openai";
import { readErrorBody } from "#providers/service/error-body.ts";
import { callService, type OpenAIServiceError, toServiceError } from "./error.ts";

export type Body = Record<string, unknown>;

/** What a server may reject, by the words that name it in messages; "system" is a message with that role. */
const NAMES: Readonly<Record<string, RegExp>> = {
  stream: /\bstream(?:ing)?\b/i,
  stream_options: /\bstream_?options\b|\binclude_usage\b/i,
  temperature: /\btemperature\b/i,
  max_tokens: /\bmax_?(?:output_?)?tokens\b/i,
  max_completion_tokens: /\bmax_?completion_?tokens\b/i,
  reasoning_effort: /\breasoning(?:[._]?effort)?\b|\bthink(?:ing)?\b/i,
  encoding_format: /\bencoding_?format\b|\bbase64\b/i,
  response_format: /\bresponse_?format\b|\bjson_?schema\b|\bstructured output/i,
  dimensions: /\b(?:output_?)?dimensions?\b|\bmatryoshka\b/i,
  system:
    /\bsystem\b\W*(?:role|message|prompt|instruction)|\brole\b.*\bsystem\b|['"`]system['"`]|messages[.[\]]+0[.[\]]*role|developer instruction|roles must alternate|only user and assistant roles/i,
};
const REJECTION =
  /(?:not|n['’]t|no longer)(?: \w+){0,2} (?:support|permit|allow|accept|implement|enable|available|recogni|valid)|cannot|unsupported|unavailable|unknown|unrecogni|unexpected|extra (?:inputs?|fields?)|invalid|forbidden|only (?:the default|user|be|supports?|accepts?)|must|should be|deprecated|incompatible|too large/i;
/** About the content of the request, whatever else it mentions. */
const NOT_A_PARAMETER = /context.?(?:length|window)|content.?(?:filter|policy|management)|api.?key|quota|billing/i;
/** A message may quote the request after this. */
const MAX_CHECKED = 400;

export interface CallOptions {
  signal: AbortSignal | undefined;
  /** Texts that a message of the server may quote, and that must not be logged. */
  texts: () => readonly string[];
}

/**
 * Makes the calls of one model. A parameter that the server rejects with a 400 or 422 that names it is left out, the request
 * is sent again at once, and once that was accepted, later requests go without it too. Each parameter can be rejected once
 * per call, which bounds the requests.
 *
 * @param service for messages: a model at a host
 * @param onRejected called once for each parameter that is left out from now on
 */
export function createParameterizedCall(service: string, onRejected: (error: OpenAIServiceError) => void = () => {}) {
  const known = new Set<string>();

  /**
   * @param build the body without the rejected parameters, or with their alternatives
   * @throws OpenAIServiceError; the signal's reason once it is aborted
   */
  return <T>(
    build: (rejected: ReadonlySet<string>) => Body,
    send: (body: Body) => PromiseLike<T>,
    { signal, texts }: CallOptions,
  ): Promise<T> => {
    const attempts = async (): Promise<T> => {
      const rejected = new Set(known);
      const errors = new Map<string, unknown>();
      for (;;) {
        const body = build(rejected);
        try {
          const result = await send(body);
          for (const [name, error] of errors) {
            if (!known.has(name)) onRejected(toServiceError(service, error, texts()));
            known.add(name);
          }
          return result;
        } catch (error) {
          const name = rejectedParameter(error, body);
          if (name === undefined || rejected.has(name)) throw error;
          signal?.throwIfAborted();
          rejected.add(name);
          errors.set(name, error);
        }
      }
    };
    return callService(service, attempts, signal, texts);
  };
}

/** The parameter of the body, or "system", that a response with status 400 or 422 rejects. */
function rejectedParameter(error: unknown, body: Body): string | undefined {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return undefined;
  const { text: said, fields } = readErrorBody(error.error ?? error.message);
  const text = said.slice(0, MAX_CHECKED);
  const sent = Object.entries(NAMES).filter(([name]) => isIn(body, name));
  const named = fields.flatMap((field) => sent.filter(([, pattern]) => pattern.test(field)));
  if (named[0]) return named[0][0];
  if (NOT_A_PARAMETER.test(`${error.code} ${text}`)) return undefined;
  // A field that cannot be left out, such as the input.
  if (fields.some((field) => Object.hasOwn(body, /^\w*/.exec(field)?.[0] ?? "") && !/role/.test(field)))
    return undefined;
  if (REJECTION.test(text)) {
    const first = sent
      .map(([name, pattern]) => ({ name, at: text.search(pattern) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at);
    if (first[0]) return first[0].name;
  }
  // Some servers say nothing; this is what most of them reject.
  return error.error === undefined && isIn(body, "stream_options") ? "stream_options" : undefined;
}

function isIn(body: Body, name: string): boolean {
  if (name !== "system") return Object.hasOwn(body, name);
  const { messages } = body;
  return Array.isArray(messages) && messages[0]?.role === "system";
}
