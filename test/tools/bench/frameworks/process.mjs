/**
 * `process.mjs FILE`: a process with one bundle loaded. Reports when it is ready, then runs the questions of each
 * message and reports the milliseconds that each took; of streamed answers those until the first piece of the text.
 */
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";

// As Lambda's runtime client defines it.
globalThis.awslambda = {
  streamifyResponse: (stream) => stream,
  HttpResponseStream: { from: (stream) => stream },
};
const { handler, stream } = await import(pathToFileURL(process.argv[2]).href);
process.send({ readyMs: performance.now() });

function requestFor(question) {
  const event = {
    version: "2.0",
    rawPath: "/query",
    rawQueryString: "",
    headers: { "content-type": "application/json", host: "localhost" },
    isBase64Encoded: false,
    requestContext: { domainName: "localhost", http: { method: "POST", path: "/query" } },
    body: JSON.stringify({ question, top_k: 5 }),
  };
  const context = {
    awsRequestId: crypto.randomUUID(),
    invokedFunctionArn: "arn",
    getRemainingTimeInMillis: () => 29_000,
  };
  return { event, context };
}

async function ask(question) {
  const started = performance.now();
  const { event, context } = requestFor(question);
  const { statusCode, body } = await handler(event, context);
  const ms = performance.now() - started;
  const { citations } = JSON.parse(body);
  if (statusCode !== 200 || citations.length !== 5)
    throw new Error(`expected status 200 and five citations, got ${statusCode}: ${body}`);
  return ms;
}

async function askStreamed(question) {
  const started = performance.now();
  const { event, context } = requestFor(question);
  event.headers.accept = "text/event-stream";
  let received = "";
  let ms;
  const writable = new Writable({
    write(chunk, _encoding, done) {
      received += chunk;
      if (ms === undefined && received.includes("event: delta")) ms = performance.now() - started;
      done();
    },
  });
  await stream(event, writable, context);
  if (ms === undefined || !received.includes("event: done"))
    throw new Error(`expected a streamed answer, got ${received}`);
  return ms;
}

async function run({ questions, concurrency, streamed }) {
  const { user, system } = process.cpuUsage();
  const queue = [...questions];
  const latencies = [];
  const worker = async () => {
    for (let question = queue.shift(); question !== undefined; question = queue.shift()) {
      latencies.push(await (streamed ? askStreamed : ask)(question));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const answeredMs = performance.now();
  const spent = process.cpuUsage();
  const cpuMs = (spent.user + spent.system - user - system) / 1_000;
  process.send({ latencies, answeredMs, cpuMs, rss: process.memoryUsage.rss() });
}

process.on("message", (work) => {
  // An unhandled rejection ends the process; the parent reads its stderr.
  void run(work);
});
