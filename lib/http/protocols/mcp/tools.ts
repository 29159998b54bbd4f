import type { CallToolResult, Tool } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { toResponse } from "#http/answer-response.ts";
import { parse } from "#http/body.ts";
import { type AppEnv, addStages, recordFailure } from "#http/context.ts";
import { feedbackToken } from "#http/feedback.ts";
import { toQuestion } from "#http/question.ts";
import { toSearchResponse } from "#http/routes/search.ts";
import { searchRequest } from "#http/schemas/search.ts";
import type { Question } from "#rag/question.ts";
import type { McpSources } from "./sources.ts";
import { answerText, passagesText, problemText } from "./text.ts";
import { toolSchemas } from "./tool-schemas.ts";

const schemas = toolSchemas();
/** They change nothing, and read a closed set of documents. */
const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

export const TOOLS: readonly Tool[] = [
  {
    name: "search",
    title: "Search the documents",
    description:
      "Finds the passages of the documents that are relevant to a question, best first, each with the URI of its document. " +
      "Use it to read what the documents say; it is faster than `ask` and writes no answer.",
    ...schemas.search,
    annotations,
  },
  {
    name: "ask",
    title: "Ask the documents",
    description:
      "Answers a question from the documents alone. The answer cites its sources by number; if the documents do not " +
      "answer the question, it says so.",
    ...schemas.ask,
    annotations,
  },
];

/**
 * Runs a tool with the rights of the request's key. A failure becomes a result that says why, for the model to read:
 * invalid arguments and services that are down alike.
 *
 * @returns `undefined` when there is no such tool
 */
export async function callTool(
  c: Context<AppEnv>,
  sources: McpSources,
  name: string,
  args: unknown,
): Promise<CallToolResult | undefined> {
  const run = name === "search" ? search : name === "ask" ? ask : undefined;
  if (!run) return undefined;
  try {
    const question = toQuestion(parse(args, searchRequest, "arguments"), c.get("caller"));
    return await run(c, sources, question);
  } catch (error) {
    const problem = recordFailure(c, error);
    if (problem.status >= 500) c.get("trace").fail(error);
    return { content: [{ type: "text", text: problemText(problem) }], isError: true };
  }
}

async function search(c: Context<AppEnv>, sources: McpSources, question: Question): Promise<CallToolResult> {
  const result = await sources.search(question, c.get("call"));
  addStages(c, result.timingsMs);
  const response = toSearchResponse(result, c.get("trace").traceId);
  const text = passagesText(response.citations) || "No passage of the documents is relevant.";
  return { content: [{ type: "text", text }], structuredContent: response };
}

async function ask(c: Context<AppEnv>, sources: McpSources, question: Question): Promise<CallToolResult> {
  const answer = await sources.ask(question, c.get("call"));
  addStages(c, answer.timingsMs);
  const response = toResponse(answer, c.get("trace").traceId);
  const token = feedbackToken(c, answer, sources.sign);
  return {
    content: [{ type: "text", text: answerText(response) }],
    structuredContent: response,
    ...(token.feedback_token !== undefined && { _meta: { ...token } }),
  };
}
