/** Types of settings: how an environment variable is parsed, and the error message when it is invalid. */
import * as z from "zod/mini";

const lowerCase = z.pipe(
  z.string(),
  z.transform((text) => text.trim().toLowerCase()),
);

export const flag = (fallback: boolean) =>
  z.pipe(
    z.pipe(
      z.pipe(
        z._default(z.string(), String(fallback)),
        z.transform((text) => text.toLowerCase()),
      ),
      z.enum(["true", "false", "1", "0"], { error: 'must be "true" or "false"' }),
    ),
    z.transform((text) => text === "true" || text === "1"),
  );
const choice = <const Values extends readonly string[]>(
  values: Values,
  error = `must be one of ${values.join(", ")}`,
) => z.enum(values, { error });
export const oneOf = <const Values extends readonly string[]>(values: Values, fallback: Values[number]) =>
  z._default(choice(values), fallback);
export const optionalOneOf = <const Values extends readonly string[]>(values: Values) => z.optional(choice(values));
/** An enum of the OpenTelemetry specification: in upper or lower case. */
export const optionalEnum = <const Values extends readonly string[]>(values: Values, error?: string) =>
  z.optional(z.pipe(lowerCase, choice(values, error)));
/** As {@link optionalEnum}, with a default. */
export const enumOf = <const Values extends readonly string[]>(values: Values, fallback: Values[number]) =>
  z.pipe(z._default(lowerCase, fallback), choice(values));
/** Milliseconds; 0 is the longest time, as the OpenTelemetry specification says. */
export const timeout = (max: number) => {
  const error = `must be a number from 1 to ${max}`;
  return z.optional(
    z.pipe(
      z.pipe(
        z.string(),
        z.transform((text) => (/^\s*0+\s*$/.test(text) ? max : Number(text))),
      ),
      z.number({ error }).check(z.refine((value) => value >= 1 && value <= max, error)),
    ),
  );
};
/** A setting that is not supported. @param advice what to do instead */
export const unsupported = (advice: string) => z.optional(z.string().check(z.refine(() => false, advice)));
export const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const range = (min: number, max: number, kind: "number" | "whole number") => {
  const error = `must be a ${kind} from ${min} to ${max}`;
  const isValid = (value: number) => value >= min && value <= max && (kind === "number" || Number.isInteger(value));
  return z.coerce.number({ error }).check(z.refine(isValid, error));
};
export const number = (min: number, max: number, fallback: number) => z._default(range(min, max, "number"), fallback);
export const optionalNumber = (min: number, max: number) => z.optional(range(min, max, "number"));
export const wholeNumber = (min: number, max: number) => z.optional(range(min, max, "whole number"));
/** `key1=value1,key2=value2`, values percent-encoded, as in the OpenTelemetry specification (W3C Baggage). */
export const pairs = z.pipe(
  z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => parsePairs(text) !== undefined,
          "must be comma-separated key=value pairs with percent-encoded values",
        ),
      ),
    "",
  ),
  z.transform((text) => parsePairs(text) ?? {}),
);
/** Names in lower case, so that those of one signal replace the general ones. */
export const headers = z.pipe(
  pairs
    .check(z.refine(areHeaders, "must be valid HTTP header names and values"))
    .check(
      z.refine(
        (entries) => !Object.keys(entries).some((name) => FRAMING.test(name)),
        "must not set host, connection, transfer-encoding, or content-length, -type or -encoding: the exporter sets them",
      ),
    ),
  z.transform((entries) =>
    Object.fromEntries(Object.entries(entries).map(([name, value]) => [name.toLowerCase(), value])),
  ),
);
export const propagators = z.pipe(
  z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => list(text).every((name) => ["tracecontext", "baggage", "none"].includes(name)),
          "must be a comma-separated list of tracecontext, baggage, none",
        ),
      ),
    "tracecontext,baggage",
  ),
  z.transform((text) => [...new Set(list(text))].filter((name): name is "tracecontext" | "baggage" => name !== "none")),
);
const MILLISECONDS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Requests per time window: "60/1m". */
export const rate = z.pipe(
  z
    .string()
    .check(
      z.refine(
        (text) => parseRate(text) !== undefined,
        "must be REQUESTS/WINDOW, with a window from 1s to 30d, such as 10/10s, 60/1m or 1000/1h",
      ),
    ),
  z.transform((text) => parseRate(text) ?? { requests: 0, windowMs: 0 }),
);
/** A host name or a bracketed IPv6 address, with an optional port. */
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
export const hosts = z.pipe(
  z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => list(text).every((host) => HOST.test(host)),
          "must be comma-separated host names, with optional ports, such as api.openai.com or localhost:6333",
        ),
      ),
    "",
  ),
  z.transform(list),
);

/** The items of a comma-separated list. */
export function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}

/** Parses at least one request per window of one second to 30 days; `undefined` when invalid. */
function parseRate(text: string): { requests: number; windowMs: number } | undefined {
  const [, requests = "", time = "", unit = ""] = /^(\d{1,9})\/(\d{1,7})([smhd])$/.exec(text.replace(/\s/g, "")) ?? [];
  const rate = { requests: Number(requests), windowMs: Number(time) * (MILLISECONDS[unit] ?? 0) };
  const isValid = rate.requests >= 1 && rate.windowMs >= 1_000 && rate.windowMs <= 30 * 86_400_000;
  return isValid ? rate : undefined;
}

/** Headers that say how a body is framed and what it contains. */
const FRAMING = /^(?:host|connection|transfer-encoding|content-(?:length|type|encoding))$/i;

function areHeaders(entries: Record<string, string>): boolean {
  return Object.entries(entries).every(
    ([name, value]) => /^[!#$%&'*+.^`|~\w-]+$/.test(name) && /^[\x20-\x7e]*$/.test(value),
  );
}

/** `undefined` when the text is not a list of pairs. */
function parsePairs(text: string): Record<string, string> | undefined {
  const result: Record<string, string> = {};
  for (const item of list(text)) {
    const separator = item.indexOf("=");
    if (separator < 1) return undefined;
    try {
      const [key, value] = [item.slice(0, separator), item.slice(separator + 1)].map((part) => part.trim());
      result[decodeURIComponent(key ?? "")] = decodeURIComponent(value ?? "");
    } catch {
      return undefined;
    }
  }
  return result;
}
