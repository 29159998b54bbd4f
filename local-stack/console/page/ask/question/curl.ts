import type { QuestionBody } from "./question-body.ts";

/**
 * The command that sends this question: for a POSIX shell, and without streaming.
 *
 * @param origin as "http://localhost:3000"
 * @param needsKey puts a placeholder where the API key belongs
 */
export function curlCommand(origin: string, body: QuestionBody, needsKey: boolean): string {
  return [
    `curl -s ${quoted(`${origin}/query`)}`,
    ...(needsKey ? ["-H 'authorization: Bearer YOUR-KEY'"] : []),
    "-H 'content-type: application/json'",
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(" \\\n  ");
}

/** Between single quotes, where a shell changes nothing; a single quote is put outside of them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
