import type { Caller } from "#http/context.ts";
import { readableTopics } from "#http/middleware/auth.ts";
import { RequestError } from "#http/problem.ts";
import type { Model } from "#http/schemas/chat-response.ts";

const MODEL = "edge-rag";
export const TOPIC_MODEL = /^edge-rag(:topic-(-?\d{1,15}))?$/;
/** Of every model, in seconds since 1970: clients demand a time, and these have none. */
const CREATED = 1_767_225_600;
const TOPICS_HEADER = "x-rag-topic-ids";
export const TOPIC_LIST = /^-?\d{1,15}(, ?-?\d{1,15}){0,99}$/;

/** `edge-rag`, and for a key that is limited to topics also each of them. */
export function modelsOf(caller: Caller | undefined): string[] {
  return [MODEL, ...(caller?.topicIds ?? []).map((topic) => `${MODEL}:topic-${topic}`)];
}

/** A model as OpenAI describes it. */
export function describeModel(id: string): Model {
  return { id, object: "model", created: CREATED, owned_by: MODEL };
}

/**
 * The topic of a model's name, in a list; `undefined` for the model of all topics.
 *
 * @throws RequestError 404 when there is no such model, or none that the caller may use
 */
export function topicOf(model: string, caller: Caller | undefined): number[] | undefined {
  const [name, , topic] = TOPIC_MODEL.exec(model) ?? [];
  const topicIds = topic === undefined ? undefined : [Number(topic)];
  if (name !== undefined && readableTopics(topicIds, caller)?.length !== 0) return topicIds;
  const detail = `The model "${model}" does not exist, or this API key may not use it.`;
  throw new RequestError(404, detail, { errors: [{ path: "/model", message: detail }] });
}

/**
 * The topics to search: those of the model and of the header that the caller may read.
 *
 * @param header `x-rag-topic-ids: 7,9`
 * @returns as {@link readableTopics}
 * @throws RequestError 400 for another header, and what {@link topicOf} throws
 */
export function searchedTopics(model: string, header: string | undefined, caller: Caller | undefined) {
  const topic = topicOf(model, caller);
  if (header === undefined) return readableTopics(topic, caller);
  if (!TOPIC_LIST.test(header)) {
    const message = "must be at most 100 whole numbers, separated by commas";
    throw new RequestError(400, `The header ${TOPICS_HEADER} ${message}.`, {
      errors: [{ path: `/${TOPICS_HEADER}`, message }],
    });
  }
  const topics = header.split(",").map(Number);
  return readableTopics(topic ? topics.filter((id) => topic.includes(id)) : topics, caller);
}
