import { awakeTimeout } from "#async/awake-timeout.ts";
import { Http1Client } from "#telemetry/http1/client.ts";
import { requestHead, requestOf } from "#telemetry/http1/request.ts";
import type { Http1Response } from "#telemetry/http1/response.ts";

/** An event of the Lambda Extensions API. Internal extensions get INVOKE and nothing else. */
export interface ExtensionEvent {
  eventType: string;
  requestId: string;
  /** Milliseconds since the epoch. */
  deadlineMs: number;
}

export interface ExtensionsApi {
  /** Reports that the extension is done, and waits for the next invocation: until then the environment may freeze. */
  next(): Promise<ExtensionEvent>;
}

const REGISTER_TIMEOUT_MS = 1_000;
const PATH = "/2020-01-01/extension";

/**
 * Registers this process as an internal extension
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html).
 *
 * @param runtimeApi host and port, as in `AWS_LAMBDA_RUNTIME_API`
 * @throws Error when the platform refuses or does not respond within a second.
 */
export async function registerExtension(runtimeApi: string, name: string): Promise<ExtensionsApi> {
  const at = (path: string) => new URL(`http://${runtimeApi}${PATH}${path}`);
  const api = new Http1Client(at("/"));
  // A function that blocks while it loads must not mistake a response that has already arrived for a late one.
  const stopWaiting = awakeTimeout(REGISTER_TIMEOUT_MS, () => api.close());
  const head = requestHead("POST", at("/register"), {
    "lambda-extension-name": name,
    "content-type": "application/json",
  });
  const registration = requestOf(head, Buffer.from(JSON.stringify({ events: ["INVOKE"] })));
  const { header } = await request(api, registration).finally(stopWaiting);
  const identifier = header("lambda-extension-identifier");
  if (identifier === undefined) throw new Error("the Extensions API returned no identifier");
  const next = requestOf(requestHead("GET", at("/event/next"), { "lambda-extension-identifier": identifier }));
  return {
    async next() {
      const { body } = await request(api, next);
      return JSON.parse(body);
    },
  };
}

async function request(api: Http1Client, bytes: Uint8Array): Promise<Http1Response> {
  const response = await api.request(bytes);
  if (response.status !== 200) throw new Error(`the Extensions API responded with ${response.status}`);
  if (!response.complete) throw new Error("the response of the Extensions API was cut off");
  return response;
}
