/** What may be done with headers, requests and responses, on Node's classes and on the bundle's alike. */

/** Three classes of one make. */
export interface Classes {
  Headers: typeof Headers;
  Request: typeof Request;
  Response: typeof Response;
}

export type HeadersStep = readonly [
  "append" | "set" | "delete" | "get" | "has" | "list" | "each" | "cookies" | "copy" | "pass",
  string,
  string,
];

/** A body described, since each message needs one of its own. */
export type Source =
  | { kind: "none" }
  | { kind: "text"; text: string }
  | { kind: "params"; text: string }
  | { kind: "bytes" | "buffer" | "view"; bytes: Uint8Array }
  | { kind: "stream"; chunks: readonly (Uint8Array | string)[]; fails: boolean };

export type Reading = "text" | "json" | "bytes" | "arrayBuffer";
export type BodyStep = Reading | "wrap" | "move" | "lock" | "read some" | "cancel" | "look";

const OF_STREAMS: ReadonlySet<BodyStep> = new Set(["lock", "read some", "cancel", "look"]);

/** What a call gave, or the name of its error's class. */
export async function attempt(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return `threw ${(error as Error).name}`;
  }
}

/** What is seen of headers of that beginning while the steps are taken. */
export async function walkHeaders(
  { Headers, Response }: Classes,
  init: ConstructorParameters<typeof Headers>[0],
  steps: readonly HeadersStep[],
): Promise<unknown[]> {
  const seen: unknown[] = [];
  let headers = new Headers();
  /** Goes on with others, which may be refused. */
  function goOn(make: () => Headers): void {
    headers = make();
  }
  seen.push(await attempt(() => goOn(() => new Headers(init))));
  for (const [step, name, value] of steps) {
    seen.push(
      await attempt(() => {
        if (step === "append" || step === "set") return headers[step](name, value);
        if (step === "delete" || step === "get" || step === "has") return headers[step](name);
        if (step === "cookies") return headers.getSetCookie();
        if (step === "copy") return goOn(() => new Headers(headers));
        if (step === "pass") return goOn(() => new Response(null, { headers }).headers);
        if (step === "list") return [[...headers], [...headers.keys()], [...headers.values()]];
        return eachOf(headers, name, value);
      }),
    );
  }
  return [...seen, [...headers]];
}

/** Lists headers that grow and shrink meanwhile. */
function eachOf(headers: Headers, name: string, value: string): unknown[] {
  const listed: unknown[] = [];
  headers.forEach(function (this: unknown, ...[text, key, whole]) {
    listed.push([text, key, whole === headers, this]);
    if (listed.length === 2) headers.append(name, value);
    if (listed.length === 3) headers.delete(key);
  }, "this");
  return listed;
}

/** What is seen of a response or a request, and of all that is made of it, while the steps are taken. */
export async function walkBody(
  classes: Classes,
  kind: "response" | "request",
  source: Source,
  steps: readonly (readonly [step: BodyStep, of: number])[],
): Promise<unknown[]> {
  const { Request, Response } = classes;
  const { body } = made(source);
  const first =
    kind === "response"
      ? new Response(body)
      : new Request("https://example.com/", { method: "POST", body, duplex: "half" });
  const messages: (Request | Response)[] = [first];
  const moved = new Set<Request | Response>();
  const seen: unknown[] = [[...first.headers]];
  for (const [step, of] of steps) {
    const message = messages[of % messages.length] ?? first;
    // When the stream of a body that another request has taken over is unlocked again is not defined.
    if (moved.has(message) && OF_STREAMS.has(step)) continue;
    seen.push(await attempt(() => take(classes, step, message, (made) => messages.push(made))));
    if (step === "move" && message.bodyUsed) moved.add(message);
    seen.push(messages.map(({ bodyUsed }) => bodyUsed));
  }
  return seen;
}

async function take(
  { Request, Response }: Classes,
  step: BodyStep,
  message: Request | Response,
  add: (made: Request | Response) => void,
): Promise<unknown> {
  if (step === "wrap") return message instanceof Response && add(new Response(message.body, message));
  if (step === "move") return message instanceof Request && add(new Request(message, { headers: { "x-moved": "1" } }));
  if (step === "lock") return void message.body?.getReader();
  if (step === "look") return [message.body?.locked, [...message.headers]];
  if (step === "cancel") return message.body?.cancel();
  if (step !== "read some") return plain(await Reflect.apply(message[step], message, []));
  const reader = message.body?.getReader();
  const { value, done } = (await reader?.read()) ?? {};
  reader?.releaseLock();
  return [plain(value), done];
}

type Body = NonNullable<RequestInit["body"]> | null;

/** The body that a source describes. */
export function made(source: Source): { body: Body } {
  if (source.kind === "none") return { body: null };
  if (source.kind === "text") return { body: source.text };
  if (source.kind === "params") return { body: new URLSearchParams([["text", source.text]]) };
  if (source.kind === "stream") return { body: streamOf(source) };
  const bytes = new Uint8Array(source.bytes);
  if (source.kind === "bytes") return { body: bytes };
  if (source.kind === "buffer") return { body: bytes.buffer };
  const within = new Uint8Array([1, ...bytes, 2]);
  return { body: new DataView(within.buffer, 1, bytes.length) };
}

function streamOf({ chunks, fails }: { chunks: readonly unknown[]; fails: boolean }): ReadableStream {
  const left = [...chunks];
  return new ReadableStream({
    pull(controller) {
      if (left.length > 0) controller.enqueue(left.shift());
      else if (fails) controller.error(new EvalError("cut"));
      else controller.close();
    },
  });
}

function plain(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return { buffer: [...new Uint8Array(value)] };
  return value instanceof Uint8Array ? { bytes: [...value], of: value.constructor.name } : value;
}
