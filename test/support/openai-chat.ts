export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
}

export interface ChatReply {
  content?: string | null;
  refusal?: string;
  finishReason?: string;
}

type Choice = { index: number; delta: Record<string, unknown>; finish_reason: string | null };

const ID = { id: "chatcmpl-1", created: 1_790_000_000 };

/** A chat completion; one token per word. */
export function chatCompletion(request: ChatRequest, { content = null, refusal, finishReason = "stop" }: ChatReply) {
  return {
    ...ID,
    object: "chat.completion",
    model: snapshotOf(request.model),
    choices: [
      {
        index: 0,
        message: { role: "assistant", content, refusal: refusal ?? null },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage: usageOf(request, content),
  };
}

/** The same as chunks of a stream: the role, a delta per word, the finish reason, and the usage if requested. */
export function chatChunks(request: ChatRequest, { content = null, refusal, finishReason = "stop" }: ChatReply) {
  const chunk = (choices: Choice[], usage: object | null = null) => ({
    ...ID,
    object: "chat.completion.chunk",
    model: snapshotOf(request.model),
    choices,
    ...(request.stream_options?.include_usage && { usage }),
  });
  const delta = (value: Record<string, unknown>, finish_reason: string | null = null) =>
    chunk([{ index: 0, delta: value, finish_reason }]);
  return [
    delta({ role: "assistant", content: "", refusal: null }),
    ...(content?.match(/\s*\S+\s*$|\s*\S+/g) ?? []).map((word) => delta({ content: word })),
    ...(refusal === undefined ? [] : [delta({ refusal })]),
    delta({}, finishReason),
    ...(request.stream_options?.include_usage ? [chunk([], usageOf(request, content))] : []),
  ];
}

/** The service responds with the model's full name. */
function snapshotOf(model: string): string {
  return `${model}-2025-04-14`;
}

function usageOf({ messages }: ChatRequest, content: string | null) {
  const words = (text: string) => text.split(/\s+/).filter(Boolean).length;
  const prompt_tokens = messages.reduce((sum, message) => sum + words(message.content), 0);
  const completion_tokens = words(content ?? "");
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
