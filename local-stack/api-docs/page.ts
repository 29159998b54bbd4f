import { openApiDocument } from "#http/openapi.ts";
import { CHAT } from "./chat-words.ts";
import { type Field, fieldsOf, type Schema } from "./fields.ts";
import { MCP } from "./mcp-words.ts";
import { CONVERSATION, EVENTS, FIELDS, OPERATIONS, PROBLEM, STREAM_CURL } from "./words.ts";

interface Operation {
  operationId: string;
  summary: string;
  security?: object[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
  responses: Record<string, { description: string; content: Record<string, { schema: { $ref?: string } }> }>;
}

interface Api {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const INTRO = `# API

> For those who call Edge RAG from a program.

Bodies are JSON in UTF-8. Fields that the tables do not list are rejected, except in OpenAI's protocol and MCP. Characters are UTF-16 code units.

Where the service has API keys ([Security](SECURITY.md#keys)), send one with every request, as \`authorization: Bearer KEY\` or \`x-api-key: KEY\`. The examples are for \`npm run dev\`, which needs none.

This page is generated from the OpenAPI document that the functions serve at \`/openapi.json\`: change \`lib/http/schemas.ts\`, \`lib/http/openapi.ts\` or \`local-stack/api-docs/words.ts\`, then run \`npm run api-docs\`. A test fails while it is out of date.`;

const STREAMING = `### Streaming

\`POST /query\` with \`"stream": true\`, or with the header \`accept: text/event-stream\`, responds with server-sent events while the answer is written: one \`citations\` event first, any number of \`delta\` events with pieces of the text, then \`done\` with everything else and the whole answer once more, or \`error\` with a problem. A failure before the first event is an ordinary error response.

Citations of sources that do not exist are removed before they are emitted. When the model or a filter retracts an answer in the middle, \`done\` has the final text: the \`answer\` of \`done\` is what counts.

API Gateway buffers the events until the last one; a function URL sends each as it is emitted ([Deployment](DEPLOYMENT.md#streaming)). So does \`npm run dev\` for the header, with a language model. Without a language model the text comes in one piece. When a client disconnects, the call of the model is cancelled.`;

const HEADERS = `## Response headers

| header | meaning |
|---|---|
| \`server-timing\` | duration of each stage in milliseconds, and the trace as \`traceparent\`; browsers show it in their developer tools |
| \`ratelimit-limit\`, \`ratelimit-remaining\`, \`ratelimit-reset\` | requests per window, how many are left, and seconds until the window resets; only with a rate limit |
| \`retry-after\` | with 429, and with 503 while \`npm run dev\` reads the sample corpus: seconds to wait before the next attempt |

A caller may send \`traceparent\` (W3C Trace Context): the request's trace then continues the caller's. Security headers are listed in [Security](SECURITY.md#response-headers).`;

/** Renders docs/API.md: every route with its fields, responses, errors and an example. */
export function apiPage(): string {
  const api = openApiDocument() as unknown as Api;
  const routes = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ title: `${method.toUpperCase()} ${path}`, operation })),
  );
  const overview = table(
    ["route", "what it does", "key"],
    routes.map(({ title, operation: { summary, security, operationId } }) => [
      `[\`${title}\`](#${anchorOf(title)})`,
      summary,
      operationId === "health" ? "with `deep=1`" : security ? "yes" : "no",
    ]),
  );
  const sections = routes.map(({ title, operation }) => routeSection(title, operation, api));
  return `${[INTRO, overview, ...sections, problems(api), limits(api), HEADERS].join("\n\n")}\n`;
}

function routeSection(title: string, operation: Operation, api: Api): string {
  const { about, curl, response: example } = textsOf(operation.operationId);
  const errors = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
  const request = operation.requestBody?.content["application/json"]?.schema.$ref;
  const response = operation.responses[200]?.content["application/json"]?.schema.$ref;
  return [
    `## ${title}`,
    about,
    fence("sh", curl),
    ...(operation.parameters ? [parameters(operation.parameters)] : []),
    ...(request ? [`**Request**`, fieldTable(api, nameOf(request), { isRequest: true })] : []),
    ...(example ? ["**Response**, 200", fence("json", pretty(example))] : []),
    ...(response ? [fieldTable(api, nameOf(response), { isRequest: false })] : []),
    ...(errors.length > 0
      ? [
          "**Errors**",
          table(
            ["status", "when"],
            errors.map(([status, { description }]) => [status, description]),
          ),
        ]
      : []),
    ...(operation.operationId === "query" ? [conversations(), events()] : []),
    ...(operation.operationId === "createChatCompletion" ? [CHAT] : []),
    ...(operation.operationId === "mcp" ? [MCP] : []),
  ].join("\n\n");
}

function conversations(): string {
  return ["### Conversations", CONVERSATION.about, fence("sh", CONVERSATION.curl)].join("\n\n");
}

function events(): string {
  const lines = Object.entries(EVENTS).map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}`);
  return [STREAMING, fence("sh", STREAM_CURL), fence("text", lines.join("\n\n"))].join("\n\n");
}

function problems(api: Api): string {
  return [
    "## Errors",
    "Errors have the format of RFC 9457, with the content type `application/problem+json`. They name the `stage` that failed and, where validation failed, every invalid field in `errors`. A content type other than JSON gets the status code 415, a body that is not valid JSON 400. The text of an internal error never leaves the service: find it in the logs by `trace_id`. The statuses 429, 503 and 504 are worth a retry, after `retry-after` where it is sent. A 503 of `POST /query` whose `stage` is `llm_generation` carries the `citations` that were found.",
    fence("json", pretty(PROBLEM)),
    fieldTable(api, "Problem", { isRequest: false }),
  ].join("\n\n");
}

function limits({ components }: Api): string {
  const [query, embed] = ["QueryRequest", "EmbedRequest"].map((name) => components.schemas[name]?.properties ?? {});
  const { question, top_k: topK } = query ?? {};
  const count = (value: number | undefined): string => must(value).toLocaleString("en");
  return [
    "## Limits",
    `A request body may be up to 6 MiB. One \`POST /embed\` can take up to ${count(embed?.documents?.maxItems)} documents, and a question may have up to ${count(question?.maxLength)} characters. An answer has at most ${count(topK?.default as number)} citations by default; \`top_k\` asks for up to ${count(topK?.maximum)}. The tables above have the limits of every field.`,
    "A message of the queue may be up to 1 MiB, the limit of SQS; request line and headers up to 10,240 bytes, the limit of API Gateway. Requests per caller are unlimited unless a [rate limit](CONFIGURATION.md#rate-limit) is set. Where an [answer cache](CONFIGURATION.md#answer-cache) is configured, `cache.answer` says whether the answer came from it.",
  ].join("\n\n");
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the OpenAPI document lacks a limit that docs/API.md names");
  return value;
}

function parameters(list: NonNullable<Operation["parameters"]>): string {
  const rows = list.map(({ name, in: where, required, description, schema }) => {
    const [field] = fieldsOf({ properties: { [name]: schema }, ...(required && { required: [name] }) });
    const text = description ?? schema.description ?? "";
    return [`\`${name}\`, ${where}`, field?.type ?? "", field?.limits ?? "", text];
  });
  return `**Parameters**\n\n${table(["parameter", "type", "limits", "meaning"], rows)}`;
}

function fieldTable({ components }: Api, name: string, { isRequest }: { isRequest: boolean }): string {
  const fields = fieldsOf(components.schemas[name] ?? {});
  if (isRequest) {
    const rows = fields.map((field) => [
      `\`${field.path}\`${field.required ? ", required" : ""}`,
      field.type,
      field.limits,
      meaningOf(name, field),
    ]);
    return table(["field", "type", "limits", "meaning"], rows);
  }
  const rows = fields.map((field) => [
    `\`${field.path}\`${field.required ? "" : ", optional"}`,
    field.type,
    meaningOf(name, field),
  ]);
  return table(["field", "type", "meaning"], rows);
}

/** @throws Error for a field without a description in the schemas or in words.ts */
function meaningOf(schema: string, { path, description }: Field): string {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const text = description ?? FIELDS[`${schema}.${path}`] ?? FIELDS[path] ?? FIELDS[name];
  if (text === undefined)
    throw new Error(`no description of ${schema}.${path}: add one to its schema or to FIELDS in words.ts`);
  return text;
}

function textsOf(operationId: string): (typeof OPERATIONS)[string] {
  const texts = OPERATIONS[operationId];
  if (!texts) throw new Error(`no texts for the operation ${operationId}: add them to OPERATIONS in words.ts`);
  return texts;
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

/** GitHub's anchor of a heading. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** JSON with short, flat objects and lists on one line. */
function pretty(value: object): string {
  const flat = (json: string) => json.replaceAll(/([{[])\n\s*([^{}[\]]*?)\n\s*([}\]])/g, oneLine);
  return flat(flat(JSON.stringify(value, null, 2)));
}

function oneLine(whole: string, open: string, inner: string, close: string): string {
  const line = `${open}${inner.replaceAll(/\n\s*/g, " ")}${close}`;
  return line.length <= 110 ? line : whole;
}
