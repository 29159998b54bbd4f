import type { Context } from "hono";
import type { AppEnv } from "#http/context.ts";
import { MAX_DELTA_BYTES, streamEvents } from "#http/routes/stream-events.ts";
import type { ChatChunk } from "#http/schemas/chat-response.ts";
import type { Answer, AnswerCall } from "#rag/answer.ts";
import { type Head, partsOf, type TokenField } from "./completion.ts";
import { toOpenAIError } from "./error.ts";

type Choice = ChatChunk["choices"][number];

/** UTF-16 code units; the text of an answer is never cut before. */
const MAX_STREAMED = 90_000;

export interface CompletionStream {
  head: Head;
  /** Send the usage in a chunk of its own. */
  includeUsage: boolean;
  /** What is sent after the answer's text. */
  suffixOf(answer: Answer): string;
  tokenOf(answer: Answer): TokenField;
}

/**
 * Streams an answer as OpenAI's chunks: the role, pieces of the text, the finish reason with the extra fields, the usage if
 * requested, and `[DONE]`. The response begins with the first piece of the text, so that a failure of any stage before it
 * has its status; a later one is a chunk with `error`, which clients throw.
 */
export function streamCompletion(
  c: Context<AppEnv>,
  run: (call: AnswerCall) => Promise<Answer>,
  { head: { id, ...head }, includeUsage, suffixOf, tokenOf }: CompletionStream,
): Promise<Response> {
  return streamEvents(c, run, (events, start) => {
    const send = (choices: ChatChunk["choices"], usage: ChatChunk["usage"] = null): number =>
      events.sendData({
        id,
        object: "chat.completion.chunk",
        ...head,
        choices,
        ...(includeUsage && { usage }),
      } satisfies ChatChunk);
    const chunk = (delta: Choice["delta"], finish_reason: Choice["finish_reason"] = null): number =>
      send([{ index: 0, delta, logprobs: null, finish_reason }]);
    let sent = "";
    let bytes = 0;
    let isFull = false;
    const sendText = (content: string): void => {
      if (sent === "") {
        chunk({ role: "assistant", content: "" });
        start();
      }
      if (content === "") return;
      sent += content;
      bytes += chunk({ content });
    };

    return {
      onDelta(text) {
        isFull ||= bytes > MAX_DELTA_BYTES || sent.length + text.length > MAX_STREAMED;
        if (!isFull && text !== "") sendText(text);
      },
      onAnswer(answer) {
        const { content, extras, usage, finish_reason } = partsOf(answer);
        // A text that was retracted stays on the reader's screen: the protocol cannot take it back.
        sendText((content.startsWith(sent) ? content.slice(sent.length) : `\n\n${content}`) + suffixOf(answer));
        chunk({ ...extras, ...tokenOf(answer) }, finish_reason);
        if (includeUsage) send([], usage);
        events.sendData("[DONE]");
      },
      onFailure(problem) {
        events.sendData(toOpenAIError(problem));
      },
    };
  });
}
