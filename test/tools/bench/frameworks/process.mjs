/**
 * `process.mjs FILE`: a process with one bundle loaded. Reports when it is ready, then runs the questions of each
 * message and reports the milliseconds that each took.
 */
import { pathToFileURL } from "node:url";

const { handler } = await import(pathToFileURL(process.argv[2]).href);
process.send({ readyMs: performance.now() });

async function ask(question) {
  const started = performance.now();
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
  const { statusCode, body } = await handler(event, context);
  const ms = performance.now() - started;
  const { citations } = JSON.parse(body);
  if (statusCode !== 200 || citations.length !== 5)
    throw new Error(`expected status 200 and five citations, got ${statusCode}: ${body}`);
  return ms;
}

async function run({ questions, concurrency }) {
  const { user, system } = process.cpuUsage();
  const queue = [...questions];
  const latencies = [];
  const worker = async () => {
    for (let question = queue.shift(); question !== undefined; question = queue.shift()) {
      latencies.push(await ask(question));
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
