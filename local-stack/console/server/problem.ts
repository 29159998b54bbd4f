import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Problem } from "#console/contract.ts";

/** The body and the headers of a response of RFC 9457. */
export function describeProblem(status: number, detail: string) {
  const problem: Problem = { title: STATUS_CODES[status] ?? "Error", status, detail };
  return { body: JSON.stringify(problem), headers: { "content-type": "application/problem+json" } };
}

/** Responds with RFC 9457. */
export function sendProblem(
  response: ServerResponse,
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const problem = describeProblem(status, detail);
  response.writeHead(status, { ...problem.headers, ...headers });
  response.end(problem.body);
}
