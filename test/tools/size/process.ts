/**
 * Loads a bundled function, sends it requests and prints, as its last line, the loaded files and the responses. A
 * separate process, since environment variables and loaded modules are per process.
 */
import { registerHooks } from "node:module";
import { basename, dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { invocation, invoke, type Reply } from "../../functions/_lambda.ts";
import { simulatedRuntime, simulateStream } from "../../support/lambda-stream.ts";
import { deliver, sqsEvent } from "../../support/sqs-event.ts";
import type { FunctionRun, Sent, SentRequest } from "./run.ts";

const [file = "", requests = "[]"] = process.argv.slice(2);
const folder = pathToFileURL(dirname(file)).href;
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith(`${folder}/`)) loaded.push(basename(fileURLToPath(url)));
    return next(url, context);
  },
});

Object.assign(globalThis, { awslambda: simulatedRuntime });
const { handler, stream } = await import(pathToFileURL(file).href);
const atInit = [...loaded];
const replies: FunctionRun["replies"] = [];
const failedIds: FunctionRun["failedIds"] = [];
for (const sent of JSON.parse(requests) as Sent[]) {
  if (sent.xray === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = sent.xray;
  if ("messages" in sent) failedIds.push(await deliver(handler, sqsEvent(...sent.messages), sent.leftMs));
  else if (sent.streams) replies.push(await streamed(sent));
  else replies.push(await invoke(handler, sent.method, sent.path, sent.body, sent.headers));
}
const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
const builtins = moduleLoadList.map((entry) => entry.replace("NativeModule ", ""));
const run: Omit<FunctionRun, "stderr"> = { atInit, loaded, builtins, replies, failedIds };
process.stdout.write(`\n${JSON.stringify(run)}`, () => process.exit(0));

async function streamed({ method, path, body }: SentRequest): Promise<Reply> {
  const simulated = simulateStream();
  const [event, context] = invocation(method, path, body);
  await stream(event, simulated, context);
  return { status: simulated.head?.statusCode ?? 0, headers: simulated.head?.headers ?? {}, body: simulated.body };
}
