import { openApiDocument } from "#http/openapi.ts";
import { type Field, fieldsOf, type Schema } from "./fields.ts";
import { EVENTS, FIELDS, PROBLEM, WORDS } from "./words.ts";

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

Made from the OpenAPI document that the functions serve at \`/openapi.json\`: change \`lib/http/schemas.ts\` or \`lib/http/openapi.ts\`, then run \`npm run api-docs\`. A test fails while this page is not up to date.

Bodies are JSON in UTF-8. Fields that the tables do not name are refused. Characters are UTF-16 code units.

Where the service has keys ([Security](SECURITY.md#keys)), send one with every request, as \`authorization: Bearer KEY\` or \`x-api-key: KEY\`. The examples are for \`npm run dev\`, which has none.`;

const HEADERS = `## Headers of responses

| header | meaning |
|---|---|
| \`server-timing\` | duration of each stage in milliseconds, and the trace as \`traceparent\`; browsers show it in their developer tools |
| \`ratelimit-limit\`, \`ratelimit-remaining\`, \`ratelimit-reset\` | requests in the window, what is left of them, and seconds until there are more; where requests are counted |
| \`retry-after\` | with 429: seconds after which to come back |

A caller may send \`traceparent\` (W3C Trace Context): the request's trace is then part of the caller's. The headers that browsers heed are in [Security](SECURITY.md#headers-of-every-answer).`;

/** docs/API.md: every route with its fields, answers, errors and an example. */
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
  const { about, curl, answer } = wordsOf(operation.operationId);
  const errors = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
  const request = operation.requestBody?.content["application/json"]?.schema.$ref;
  const response = operation.responses[200]?.content["application/json"]?.schema.$ref;
  return [
    `## ${title}`,
    about,
    fence("sh", curl),
    ...(operation.parameters ? [parameters(operation.parameters)] : []),
    ...(request ? [`**Request**`, fieldTable(api, nameOf(request), { isRequest: true })] : []),
    ...(answer ? ["**Response**, 200", fence("json", pretty(answer))] : []),
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
    '**Response**, 200, as events. With `"stream": true`, or the header `accept: text/event-stream`, the answer is sent as server-sent events while it is written: `citations` first, `delta` any number of times, then `done` with all the rest and the whole answer once more, or `error` with a problem. What counts is the `answer` of `done`: a model or a filter may take back what was said. What fails before the first event is an ordinary response.',
    fence("text", lines.join("\n\n")),
  ].join("\n\n");
}

function problems(api: Api): string {
  return [
    "## Errors",
    "Errors have the format of RFC 9457, with the content type `application/problem+json`. The text of an internal error never leaves the service: find it in the logs by `trace_id`. Of the statuses, 429, 503 and 504 pass: try again, after `retry-after` where it is sent. A 503 of `POST /query` whose `stage` is `llm_generation` has the `citations` that were found.",
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
    `\`${field.path}\`${field.required ? "" : ", at times"}`,
    field.type,
    meaningOf(name, field),
  ]);
  return table(["field", "type", "meaning"], rows);
}

/** @throws Error for a field that neither the schemas nor the words describe */
function meaningOf(schema: string, { path, description }: Field): string {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const text = description ?? FIELDS[`${schema}.${path}`] ?? FIELDS[path] ?? FIELDS[name];
  if (text === undefined) throw new Error(`no description of ${schema}.${path}: add one to its schema, or to words.ts`);
  return text;
}

function wordsOf(operationId: string): (typeof WORDS)[string] {
  const words = WORDS[operationId];
  if (!words) throw new Error(`no words about the operation ${operationId}: add some to words.ts`);
  return words;
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

/** As GitHub makes anchors of headings. */
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

/** JSON with what is short and has nothing below it on one line. */
function pretty(value: object): string {
  const flat = (json: string) => json.replaceAll(/([{[])\n\s*([^{}[\]]*?)\n\s*([}\]])/g, oneLine);
  return flat(flat(JSON.stringify(value, null, 2)));
}

function oneLine(whole: string, open: string, inner: string, close: string): string {
  const line = `${open}${inner.replaceAll(/\n\s*/g, " ")}${close}`;
  return line.length <= 110 ? line : whole;
}
