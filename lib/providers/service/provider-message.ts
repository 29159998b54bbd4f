/** Words of API error messages that say nothing about a text, even if it has them too. */
const COMMON = new Set(
  (
    "a an and any are as at be been but by can cannot could did do does doesn don error errors exceeded expected extra " +
    "fail failed field fields following for found from given got greater has have if in input inputs instead invalid is " +
    "isn it its json key least less length limit litellm malformed max maximum may message messages min minimum missing " +
    "model models must name no none not of on one only openai or out output parameter parameters permitted please " +
    "provided rejected request required response role roles see server set should size some such support supported " +
    "supports system than that the these this to token tokens too type unexpected unknown unrecognized unsupported " +
    "use user using valid validation value values was were when with without you your default allowed bad argument " +
    "arguments context exceeds badrequesterror unsupportedparamserror exception api 400 404 422 429 500 " +
    "body dimensions dimension encoding_format base64 float max_tokens max_completion_tokens temperature " +
    "stream_options include_usage reasoning_effort reasoning effort thinking low medium high 0 1 t s"
  ).split(" "),
);
const MAX_LENGTH = 300;
/** Longer strings of letters and digits may be keys, whoever's they are. */
const MAX_TOKEN = 24;
/** Runs of ASCII word characters, or one other letter or digit: some scripts write without spaces. */
const WORD = /[A-Za-z0-9_]+|[\p{L}\p{N}]/gu;

/**
 * What a service said, as it may be logged: one line of at most 300 characters, without any word, or part of one, that is
 * in one of the texts, except for common words of error messages. What is left out becomes "…".
 *
 * @param texts what was sent and must not be logged: prompts, documents, keys
 */
export function loggableMessage(message: string, texts: readonly string[]): string {
  const secrets = texts.join("\n").toLowerCase();
  const line = message
    .slice(0, 4 * MAX_LENGTH)
    .replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))/gi, (_, u, x) => String.fromCharCode(Number.parseInt(u ?? x, 16)))
    .replace(/[\p{C}\p{Z}\s]+/gu, " ")
    .replace(WORD, (word) => (isPrivate(word.toLowerCase(), secrets) ? "…" : word))
    .replace(/…(?:[^\p{L}\p{N}…]{0,3}…)+/gu, "…")
    .trim();
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH).toWellFormed()}…` : line;
}

function isPrivate(word: string, secrets: string): boolean {
  if (COMMON.has(word)) return false;
  return secrets.includes(word) || (word.length > MAX_TOKEN && /\d/.test(word));
}
