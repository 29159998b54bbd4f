/** Texts for docs/API.md about OpenAI's protocol. */

const MODEL = { id: "edge-rag", object: "model", created: 1_767_225_600, owned_by: "edge-rag" };
const ANSWER = {
  id: "chatcmpl-4bf92f3577b34da6a3ce929d0e0e4736",
  created: 1_795_975_028,
  model: "edge-rag",
};
const EXTRAS = {
  citations: [
    {
      index: 1,
      document_id: "handbook/leave.md",
      chunk_id: "0d1b6c0e9a7f4e52",
      title: "Leave",
      score: 0.87,
      text: "Everyone has 30 days of leave a year. Unused days expire in March.",
    },
  ],
  answered: true,
  degraded: [],
};

export const CHAT_OPERATIONS: Readonly<Record<string, { about: string; curl: string; response: object }>> = {
  createChatCompletion: {
    about:
      "The same as `POST /query`, in OpenAI's protocol, for programs that speak it: [From OpenAI clients](#from-openai-clients). Unknown fields are ignored here, as OpenAI's clients and chat windows send many.",
    curl: `curl -s http://localhost:3000/v1/chat/completions -H 'content-type: application/json' -d '{
  "model": "edge-rag",
  "messages": [
    {"role": "system", "content": "Answer in one sentence."},
    {"role": "user", "content": "When do unused days expire?"}
  ]
}'`,
    response: {
      ...{ ...ANSWER, object: "chat.completion" },
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Unused days expire in March. [1]", refusal: null, ...EXTRAS },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 412, completion_tokens: 9, cost_usd: 0.0000457, total_tokens: 421 },
    },
  },
  listModels: {
    about:
      "`edge-rag` searches all documents that the key may read. A key that is limited to topics also lists one model for each; any other key may ask for `edge-rag:topic-7` without it being listed.",
    curl: "curl -s http://localhost:3000/v1/models",
    response: { object: "list", data: [MODEL] },
  },
  getModel: {
    about: "Whether a model exists that the key may use; clients ask to test a connection.",
    curl: "curl -s http://localhost:3000/v1/models/edge-rag",
    response: MODEL,
  },
};

/** The last chunk of a streamed answer but the usage. */
export const CHAT_CHUNK = {
  ...{ ...ANSWER, object: "chat.completion.chunk" },
  choices: [{ index: 0, delta: EXTRAS, logprobs: null, finish_reason: "stop" }],
};

export const OPENAI_ERROR = {
  error: {
    message: "messages[1].content: must not be blank",
    type: "invalid_request_error",
    param: "messages[1].content",
    code: null,
    stage: "validation",
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  },
};

/** Field descriptions that the schemas lack, as FIELDS of words.ts. */
export const CHAT_FIELDS: Readonly<Record<string, string>> = {
  "ChatRequest.messages[].role": "Who wrote it. Messages of tools and functions are ignored.",
  "ChatRequest.messages[].content[].type": "The kind of part.",
  "ChatRequest.messages[].content[].text": "The text of a part with the type `text`.",
  "ChatRequest.messages[].content":
    "Text, or parts of which those with `type` `text` count; the question may have no other parts.",
  "ChatRequest.stream": "Respond with server-sent events.",
  "ChatRequest.stream_options": "Only with `stream`.",
  "ChatRequest.n": "There is one answer to a question.",
  "ChatRequest.tool_choice": "No tool is ever called; `tools` is ignored.",
  "ChatRequest.function_call": "The older name of `tool_choice`.",
  "ChatRequest.response_format": "An answer is text.",
  "ChatRequest.response_format.type": "No other format can be had.",
  "ChatRequest.modalities": "An answer is text.",
  "ChatResponse.object": "The kind of object.",
  "ChatResponse.choices": "The answer.",
  "choices[].index": "There is one choice.",
  "choices[].message": "The answer.",
  "choices[].message.role": "The service.",
  "choices[].message.refusal": "Never set: a model that refuses to answer says so in `content`.",
  "choices[].logprobs": "Never set.",
  "ModelList.object": "The kind of object.",
  "ModelList.data": "The models.",
  total_tokens: "The sum of both.",
  object: "The kind of object.",
  owned_by: "The service.",
  created: "A fixed time: clients expect one.",
  "Model.id": "The name, for `model` of a chat completion.",
  "data[].id": "The name, for `model` of a chat completion.",
};

const NODE = `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "http://localhost:3000/v1", apiKey: "unused" });
const { choices } = await client.chat.completions.create({
  model: "edge-rag",
  messages: [{ role: "user", content: "When do unused days expire?" }],
});
const { content, citations } = choices[0].message;
console.log(content);
for (const { index, title } of citations) console.log(\`[\${index}] \${title}\`);`;

const PYTHON = `from openai import OpenAI

client = OpenAI(base_url="http://localhost:3000/v1", api_key="unused")
messages = [{"role": "user", "content": "When do unused days expire?"}]
for chunk in client.chat.completions.create(model="edge-rag", messages=messages, stream=True):
    delta = chunk.choices[0].delta
    print(delta.content or "", end="")
    for citation in getattr(delta, "citations", []):
        print(f"\\n[{citation['index']}] {citation['title']}", end="")`;

const STREAM_CURL = `curl -sN http://localhost:3000/v1/chat/completions -H 'content-type: application/json' -d '{
  "model": "edge-rag", "stream": true, "stream_options": {"include_usage": true},
  "messages": [{"role": "user", "content": "When do unused days expire?"}]
}'`;

/** The section about OpenAI's clients, after the route. */
export const CHAT = `### From OpenAI clients

Give a client or a chat window the base URL \`http://localhost:3000/v1\`, any key where the service has none, and the model \`edge-rag\`. Tested are OpenAI's clients for Node.js and Python, LangChain.js and the AI SDK (\`npm run test:clients\`).

\`\`\`js
${NODE}
\`\`\`

\`\`\`python
${PYTHON}
\`\`\`

- **Citations** are the field \`citations\` of the message, and of the \`delta\` of the chunk that has the \`finish_reason\`, with \`answered\` and \`degraded\` beside them. For clients that show nothing but the text, [\`RAG_CHAT_SOURCES=list\`](CONFIGURATION.md#settings-of-the-functions) appends those that the text cites as a list.
- **Topics**: the model \`edge-rag:topic-7\`, or the header \`x-rag-topic-ids: 7,9\` with any model, searches the documents with these topics; with both, those with a topic of both. A key that is limited to topics never sees others.
- **History**: the last message of the user is the question; what the user and the assistant said before makes a follow-up a question that stands alone, as with \`messages\` of \`POST /query\`. The oldest messages of a long chat are ignored.
- **System messages** may set the language, tone, length and format of an answer by a language model. They change neither what is found nor how it is cited, and an answer without a language model ignores them.
- **Ignored** is what asks for another wording: \`temperature\`, \`top_p\`, \`stop\`, \`max_tokens\`, \`tools\` and so on. **Refused**, with a 400 that names the parameter, is what would change the meaning: more than one answer, a tool that must be called, JSON as format, images, audio and files in the question.
- **Errors** are OpenAI's on these routes, so that its clients throw the exceptions that their users know, and try again when that helps. \`x-request-id\`, which clients show as the request's id, is the trace id.
- **Titles and suggestions**: a chat window that has \`edge-rag\` write titles or follow-up questions sends these tasks as questions, which no document answers. Choose another model for them, or turn them off.

Streamed, the response is one chunk with the \`role\`, any number with a piece of \`content\`, one with the \`finish_reason\`, with \`include_usage\` one without \`choices\` that has the \`usage\`, and \`[DONE]\`. It begins with the first piece of the text, so that a failure before it has its status. A later one ends the stream with an \`error\` and without \`[DONE]\`. A text that was retracted cannot be taken back: what counts follows it after an empty line.

\`\`\`sh
${STREAM_CURL}
\`\`\`

\`\`\`text
data: ${JSON.stringify(CHAT_CHUNK)}
\`\`\`

\`\`\`json
${JSON.stringify(OPENAI_ERROR, null, 2)}
\`\`\``;
