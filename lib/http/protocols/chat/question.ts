import { FieldErrors } from "#http/field-errors.ts";
import type { ChatRequest } from "#http/schemas/chat.ts";
import { queryRequest } from "#http/schemas.ts";
import { wellFormed } from "#http/well-formed.ts";
import type { Question } from "#rag/question.ts";

/** Citations of an answer. Not `top_k`, by which chat programs mean how a model samples. */
const TOP_K = 5;
/** More is never looked at: see `createConversation`. */
const MAX_HISTORY = 20;
/** UTF-16 code units, of all system and developer messages. */
const MAX_INSTRUCTIONS = 8_000;

type Message = ChatRequest["messages"][number];

/**
 * The question of a chat: its last message of the user. What the user and the assistant said before is its history, and
 * system and developer messages are its instructions.
 *
 * @throws RequestError 400 when there is no question, or one that is not a text within its limits
 */
export function toQuestion({ messages }: ChatRequest, topicIds: readonly number[] | undefined): Question {
  const at = messages.findLastIndex(({ role }) => role === "user");
  const asked = messages[at]?.content;
  const question = textOf(asked);
  const instructions = messages
    .filter(({ role }) => role === "system" || role === "developer")
    .map(({ content }) => textOf(content))
    .join("\n\n")
    .trim();

  const errors = new FieldErrors();
  if (at < 0) errors.addOne(["messages"], "must have a message with the role user: the question");
  else {
    const result = queryRequest.shape.question.safeParse(question);
    if (result.error) errors.add(result.error, ["messages", at, "content"]);
    for (const [index, { type }] of Array.isArray(asked) ? asked.entries() : [])
      if (type !== "text") errors.addOne(["messages", at, "content", index, "type"], "only text is accepted");
  }
  if (instructions.length > MAX_INSTRUCTIONS)
    errors.addOne(["messages"], `must have at most ${MAX_INSTRUCTIONS} characters of system and developer messages`);
  if (!errors.isEmpty) throw errors.toRequestError("body");

  const history = messages.slice(0, at).flatMap(({ role, content }) => {
    const text = wellFormed(textOf(content));
    return (role === "user" || role === "assistant") && text.trim() ? { role, content: text } : [];
  });
  return {
    question: wellFormed(question),
    topK: TOP_K,
    ...(history.length > 0 && { history: history.slice(-MAX_HISTORY) }),
    ...(instructions && { instructions: wellFormed(instructions) }),
    ...(topicIds && { filter: { topicIds } }),
  };
}

/** The texts of a content. */
function textOf(content: Message["content"]): string {
  return typeof content === "string" ? content : (content ?? []).flatMap(({ text }) => text ?? []).join("\n");
}
