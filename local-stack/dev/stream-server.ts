import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { printOutput } from "./functions-output.ts";
import { ONE_COMPILER_THREAD } from "./ingest.ts";

const PROGRAM = join(import.meta.dirname, "stream-process.ts");
/** As in serverless.yml. */
const SETTINGS = {
  AWS_LAMBDA_FUNCTION_NAME: "edge-rag-dev-stream",
  OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=dev",
};

/**
 * A server of the function `stream`, which sends each event of an answer as it is emitted; serverless-offline sends them
 * together, at the end. It is a process of its own, started by the first call, and again after it ended; it ends with this
 * one.
 *
 * @returns its port on 127.0.0.1, once it listens; `undefined` when it did not start, which its output says
 */
export function createStreamServer(): () => Promise<number | undefined> {
  let starting: Promise<number | undefined> | undefined;
  return () => {
    starting ??= start(() => {
      starting = undefined;
    });
    return starting;
  };
}

async function start(onExit: () => void): Promise<number | undefined> {
  const child = fork(PROGRAM, { execArgv: [ONE_COMPILER_THREAD], silent: true, env: { ...SETTINGS, ...process.env } });
  printOutput(child);
  const exited = once(child, "exit").then(onExit, onExit);
  const listening = once(child, "message").then(([port]) => port as number);
  return await Promise.race([listening, exited.then(() => undefined)]);
}
