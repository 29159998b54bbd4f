import { openApiDocument } from "#http/openapi.ts";
import { type Field, fieldsOf, type Schema } from "./fields.ts";
import { EVENTS, FIELDS, OPERATIONS, PROBLEM } from "./words.ts";

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

Generated from the OpenAPI document that the functions serve at \`/openapi.json\`. To change this page, edit \`lib/http/schemas.ts\`, \`lib/http/openapi.ts\` or \`local-stack/api-docs/words.ts\` and run \`npm run api-docs\`; a test fails while it is out of date.

Bodies are JSON in UTF-8. Unknown fields are rejected. Characters are counted in UTF-16 code units.

If the service requires API keys ([Security](SECURITY.md#keys)), send one with every request, as \`authorization: Bearer KEY\` or \`x-api-key: KEY\`. The examples are for \`npm run dev\`, which requires none.`;

const HEADERS = `## Response headers

| header | meaning |
|---|---|
| \`server-timing\` | duration of each stage in milliseconds, and the trace as \`traceparent\`; shown in the developer tools of browsers |
| \`ratelimit-limit\`, \`ratelimit-remaining\`, \`ratelimit-reset\` | requests allowed per window, requests remaining, and seconds until the window resets; only with a rate limit |
| \`retry-after\` | with 429: seconds to wait before retrying |

With a \`traceparent\` header (W3C Trace Context), the request's spans are part of the caller's trace. Security headers for browsers are in [Security](SECURITY.md#headers-of-every-answer).`;

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
  return `${[INTRO, overview, ...sections, problems(api), HEADERS].join("\n\n")}\n`;
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
    ...(operation.operationId === "query" ? [events()] : []),
    ...(errors.length > 0
      ? [
          "**Errors**",
          table(
            ["status", "when"],
            errors.map(([status, { description }]) => [status, description]),
          ),
        ]
      : []),
  ].join("\n\n");
}

function events(): string {
  const lines = Object.entries(EVENTS).map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}`);
  return [
    '**Response**, 200, as events. With `"stream": true`, or the header `accept: text/event-stream`, the answer is streamed as server-sent events: `citations` first, any number of `delta` events, then `done` with the remaining fields and the complete answer, or `error` with problem details. The `answer` of `done` is authoritative: a model or a filter may retract streamed text. A failure before the first event is an ordinary error response.',
    fence("text", lines.join("\n\n")),
  ].join("\n\n");
}

function problems(api: Api): string {
  return [
    "## Errors",
    "Errors are problem details (RFC 9457), with the content type `application/problem+json`. Messages of internal errors are not sent to clients; find them in the logs by `trace_id`. The statuses 429, 503 and 504 are retryable, after `retry-after` if it is sent. A 503 of `POST /query` with `stage` `llm_generation` includes the `citations` that were found.",
    fence("json", pretty(PROBLEM)),
    fieldTable(api, "Problem", { isRequest: false }),
  ].join("\n\n");
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
