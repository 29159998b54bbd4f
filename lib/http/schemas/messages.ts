/** The field `messages` of a request: a conversation whose last message is the question. */

import * as z from "zod/mini";
import { atMost, describe, maxLength } from "#http/field-schemas.ts";

export const MAX_QUESTION_LENGTH = 4_000;
const MAX_MESSAGES = 100;
/** UTF-16 code units of a message: as long as an answer of a language model may become. */
const MAX_MESSAGE_LENGTH = 20_000;
const MAX_CONVERSATION_LENGTH = 100_000;

const message = z.strictObject({
  role: z
    .enum(["user", "assistant"], {
      error: 'must be "user" or "assistant"; messages of other roles are for POST /v1/chat/completions',
    })
    .check(describe("Who wrote it: the user, or this service.")),
  content: z.string().check(maxLength(MAX_MESSAGE_LENGTH), describe("The text of the message.")),
});
type Message = z.output<typeof message>;

const asQuestion = z.check<Message[]>(({ value: messages, issues }) => {
  const at = messages.length - 1;
  const refuse = (path: (string | number)[], what: string) =>
    issues.push({ code: "custom", path, message: what, input: messages });
  const last = messages[at];
  const length = messages.reduce((sum, { content }) => sum + content.length, 0);
  if (last?.role !== "user") refuse([at, "role"], 'must be "user": the last message is the question');
  else if (!/\S/.test(last.content)) refuse([at, "content"], "must not be blank: it is the question");
  else if (last.content.length > MAX_QUESTION_LENGTH) {
    refuse([at, "content"], `must have at most ${MAX_QUESTION_LENGTH} characters: it is the question`);
  } else if (length > MAX_CONVERSATION_LENGTH) {
    refuse(
      [],
      `must have at most ${MAX_CONVERSATION_LENGTH} characters in all; they have ${length}: leave out the oldest`,
    );
  }
});

export const messages = atMost(
  MAX_MESSAGES,
  "items",
  z
    .array(message)
    .check(
      z.minLength(1, { abort: true }),
      z.maxLength(MAX_MESSAGES),
      asQuestion,
      describe(
        "A conversation, oldest message first, in place of `question`. The last message is the user's question, of at most 4,000 characters; a follow-up is made a question that stands alone with the messages before it. At most 100,000 characters in all.",
      ),
    ),
);

/** Exactly one of `question` and `messages`. */
export const eitherQuestionOrMessages = [
  z.check<{ question?: string | undefined; messages?: unknown }>(({ value, issues }) => {
    const given = [value.question, value.messages].filter((field) => field !== undefined).length;
    if (given === 1) return;
    const what = given === 0 ? "must be given, or messages" : "must not be given together with messages";
    issues.push({ code: "custom", path: ["question"], message: what, input: value });
  }),
  z.meta({ oneOf: [{ required: ["question"] }, { required: ["messages"] }] }),
] as const;
