import { parseBody, readJson } from "#http/body.ts";
import { type App, addStages } from "#http/context.ts";
import { feedbackToken, type SignAnswer } from "#http/feedback.ts";
import { chatRequest } from "#http/schemas/chat.ts";
import type { ModelList } from "#http/schemas/chat-response.ts";
import type { Answer, AnswerQuestion } from "#rag/answer.ts";
import { sourcesOf, toCompletion } from "./completion.ts";
import { describeModel, modelsOf, searchedTopics, topicOf } from "./models.ts";
import { toQuestion } from "./question.ts";
import { streamCompletion } from "./stream-completion.ts";

export interface ChatOptions {
  /** "list" appends the cited sources to the text of an answer, for clients that show nothing else. */
  sources?: "none" | "list";
  /** Absent when answers cannot be rated. */
  sign?: SignAnswer | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * Adds OpenAI's protocol: `POST /v1/chat/completions` (validate → run the pipeline → respond, whole or streamed), and `GET
 * /v1/models` with `GET /v1/models/{model}`. `app.ts` answers failed requests to them with OpenAI's errors.
 */
export function addChatRoutes(
  app: App,
  answerQuestion: AnswerQuestion,
  { sources = "none", sign, now = Date.now }: ChatOptions = {},
): void {
  const suffixOf = (answer: Answer): string => (sources === "list" ? sourcesOf(answer) : "");

  app.get("/v1/models", (c) => {
    const response: ModelList = { object: "list", data: modelsOf(c.get("caller")).map(describeModel) };
    return c.json(response);
  });

  app.get("/v1/models/:model", (c) => {
    const model = c.req.param("model");
    topicOf(model, c.get("caller"));
    return c.json(describeModel(model));
  });

  app.post("/v1/chat/completions", async (c) => {
    const body = await readJson(c.req.raw, (bytes) => parseBody(bytes, chatRequest));
    const question = toQuestion(body, searchedTopics(body.model, c.req.header("x-rag-topic-ids"), c.get("caller")));
    const head = { id: `chatcmpl-${c.get("trace").traceId}`, created: Math.floor(now() / 1_000), model: body.model };
    if (body.stream) {
      const includeUsage = body.stream_options?.include_usage ?? false;
      const tokenOf = (answer: Answer) => feedbackToken(c, answer, sign);
      return streamCompletion(c, (call) => answerQuestion(question, call), { head, includeUsage, suffixOf, tokenOf });
    }
    const answer = await answerQuestion(question, c.get("call"));
    addStages(c, answer.timingsMs);
    const whole = { ...answer, text: answer.text + suffixOf(answer) };
    return c.json(toCompletion(whole, head, feedbackToken(c, answer, sign)));
  });
}
