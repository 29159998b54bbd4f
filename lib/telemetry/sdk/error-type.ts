/** What an `error.type` may look like: a name or a code, never a sentence. */
const IDENTIFIER = /^[A-Za-z_$][\w$.-]{0,63}$/;

/**
 * The `error.type` of an error: the first code on its chain of causes ("ECONNREFUSED", "rate_limit_exceeded"), else
 * the class name. Never the message: it may quote what a user wrote.
 *
 * @param isWrapper whether an error only names the place where its cause happened; the cause's name is used then
 */
export function errorType(error: unknown, isWrapper: (error: Error) => boolean = () => false): string {
  const code = errorCode(error);
  if (code !== undefined) return code;
  const chain = causes(error);
  const name = chain.find((link) => !isWrapper(link))?.name ?? chain[0]?.name ?? "_OTHER";
  return IDENTIFIER.test(name) ? name : "_OTHER";
}

/** The first code on an error's chain of causes: "ECONNREFUSED". */
export function errorCode(error: unknown): string | undefined {
  return causes(error)
    .map(codeOf)
    .find((code) => code !== undefined);
}

/** The error and its causes, outermost first; limited, as a chain may be circular. */
function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let link = error; link instanceof Error && chain.length < 8; link = link.cause) chain.push(link);
  return chain;
}

/** Only string codes: DOMException's numeric ones say less than its name. */
function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" && IDENTIFIER.test(error.code) ? error.code : undefined;
}
