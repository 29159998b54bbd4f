import type { Agent, IncomingMessage } from "node:http";
import { awakeTimeout } from "./awake-timeout.ts";

/** An event of the Lambda Extensions API. Internal extensions get INVOKE and nothing else. */
export interface ExtensionEvent {
  eventType: string;
  requestId: string;
  /** Milliseconds since the epoch. */
  deadlineMs: number;
}

export interface ExtensionsApi {
  /** Says that the extension is done, and waits for the next invocation: until then the environment may freeze. */
  next(): Promise<ExtensionEvent>;
}

const NAME = "edge-rag-telemetry";
const REGISTER_TIMEOUT_MS = 1_000;

/**
 * Registers this process as an internal extension
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html). `node:http` rather than fetch: a wait of
 * hours for the next event must not run into a time limit.
 *
 * @param runtimeApi host and port, as in `AWS_LAMBDA_RUNTIME_API`
 * @throws Error when the platform refuses or does not answer within a second.
 */
export async function registerExtension(runtimeApi: string): Promise<ExtensionsApi> {
  const base = `http://${runtimeApi}/2020-01-01/extension`;
  // Not imported: an ES import of node:http reads its every export, and one of them loads undici (26 ms of a cold start).
  const http = process.getBuiltinModule("node:http");
  // One connection for all calls: a new one for each event costs every invocation processor time.
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const { headers } = await call(http, "POST", `${base}/register`, {
    agent,
    headers: { "lambda-extension-name": NAME, "content-type": "application/json" },
    body: JSON.stringify({ events: ["INVOKE"] }),
    timeoutMs: REGISTER_TIMEOUT_MS,
  });
  const identifier = headers["lambda-extension-identifier"];
  if (typeof identifier !== "string") throw new Error("the Extensions API gave no identifier");
  return {
    async next() {
      const { body } = await call(http, "GET", `${base}/event/next`, {
        agent,
        headers: { "lambda-extension-identifier": identifier },
      });
      return JSON.parse(body);
    },
  };
}

type Http = typeof import("node:http");

interface Call {
  agent: Agent;
  headers: Record<string, string>;
  body?: string;
  timeoutMs?: number;
}

async function call({ request }: Http, method: string, url: string, { agent, headers, body, timeoutMs }: Call) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(url, { method, headers, agent }, resolve).on("error", reject).end(body);
  // A function that blocks while it loads must not take an answer that is there already for late.
  const late = () => sent.destroy(new Error(`the Extensions API did not answer within ${timeoutMs} ms`));
  const answered = timeoutMs === undefined ? () => {} : awakeTimeout(timeoutMs, late);
  const response = await promise.finally(answered);
  let answer = "";
  for await (const part of response.setEncoding("utf8")) answer += part;
  if (response.statusCode !== 200) throw new Error(`the Extensions API answered ${response.statusCode}`);
  return { headers: response.headers, body: answer };
}
