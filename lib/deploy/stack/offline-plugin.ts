/**
 * The project's plugin for serverless-offline: what it has no option for. Only the HTTP API is served: its second port
 * would invoke functions with any event, without a key. A function that throws, or cannot be loaded, responds with 500:
 * serverless-offline itself would respond with 200 and a stack trace.
 */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { toResult } from "#http/lambda/result.ts";
import { problemResponse, toProblem } from "#http/problem.ts";

type Method = (this: unknown, ...args: unknown[]) => unknown;

export default class OfflinePlugin {
  readonly hooks = {
    "before:offline:start": adaptServerlessOffline, // serverless offline
    "before:offline:start:init": adaptServerlessOffline, // serverless offline start
  };
}

async function adaptServerlessOffline(): Promise<void> {
  await replaceMethod("lambda/HttpServer.js", "start", () => async () => {});
  await replaceMethod("lambda/LambdaFunction.js", "runHandler", withErrorResponse);
}

function withErrorResponse(runHandler: Method): Method {
  return async function (this: unknown) {
    try {
      return await runHandler.call(this);
    } catch (error) {
      const traceId = randomUUID().replaceAll("-", "");
      process.stderr.write(`${nameOf(this)} failed (trace_id ${traceId}): ${error}\n`);
      return toResult(problemResponse(toProblem(undefined, traceId)));
    }
  };
}

/**
 * Replaces a method of a class that serverless-offline does not export.
 *
 * @throws Error when there is no such method, so that an update of serverless-offline cannot open the port again
 */
async function replaceMethod(file: string, name: string, replace: (method: Method) => Method): Promise<void> {
  const entry = pathToFileURL(createRequire(import.meta.url).resolve("serverless-offline"));
  const module: unknown = await import(new URL(file, entry).href).catch((cause: unknown) => {
    throw changed(file, name, cause);
  });
  const prototype = (module as { default?: { prototype?: Record<string, Method | undefined> } }).default?.prototype;
  const method = prototype?.[name];
  if (!prototype || !method) throw changed(file, name);
  prototype[name] = replace(method);
}

function changed(file: string, name: string, cause?: unknown): Error {
  return new Error(
    `serverless-offline has no method ${name} in src/${file}, which this project replaces for safety: ` +
      "install the version in package-lock.json, or adapt lib/deploy/stack/offline-plugin.ts to this one.",
    { cause },
  );
}

/** `edge-rag-dev-query` → `query`. */
function nameOf(lambdaFunction: unknown): string {
  const { functionName = "" } = lambdaFunction as { functionName?: string };
  return `The function ${functionName.split("-").at(-1)}`;
}
