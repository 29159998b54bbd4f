import { awakeTimeout } from "./awake-timeout.ts";
import { type LocalAnswer, LocalHttp, type LocalRequest } from "./local-http.ts";

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
const PATH = "/2020-01-01/extension";

/**
 * Registers this process as an internal extension
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html).
 *
 * @param runtimeApi host and port, as in `AWS_LAMBDA_RUNTIME_API`
 * @throws Error when the platform refuses or does not answer within a second.
 */
export async function registerExtension(runtimeApi: string): Promise<ExtensionsApi> {
  const api = new LocalHttp(runtimeApi);
  // A function that blocks while it loads must not take an answer that is there already for late.
  const answered = awakeTimeout(REGISTER_TIMEOUT_MS, () => api.close());
  const { headers } = await ask(api, {
    method: "POST",
    path: `${PATH}/register`,
    headers: { "lambda-extension-name": NAME, "content-type": "application/json" },
    body: JSON.stringify({ events: ["INVOKE"] }),
  }).finally(answered);
  const identifier = headers.get("lambda-extension-identifier");
  if (identifier === undefined) throw new Error("the Extensions API gave no identifier");
  const next = {
    method: "GET",
    path: `${PATH}/event/next`,
    headers: { "lambda-extension-identifier": identifier },
  } as const;
  return {
    async next() {
      const { body } = await ask(api, next);
      return JSON.parse(body);
    },
  };
}

async function ask(api: LocalHttp, request: LocalRequest): Promise<LocalAnswer> {
  const answer = await api.ask(request);
  if (answer.status !== 200) throw new Error(`the Extensions API answered ${answer.status}`);
  return answer;
}
