import { expect, test } from "vitest";
import { RagError } from "#rag/errors.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import { stageErrorType } from "#telemetry/traced/error-type.ts";

const withCode = (code: unknown, message = "") => Object.assign(new Error(message), { code });

test.each([
  ["an error's class", new RangeError("x"), "RangeError"],
  ["a system error's code", withCode("ECONNREFUSED"), "ECONNREFUSED"],
  ["the code of fetch's cause", new TypeError("fetch failed", { cause: withCode("UND_ERR_SOCKET") }), "UND_ERR_SOCKET"],
  ["an API's code", withCode("rate_limit_exceeded"), "rate_limit_exceeded"],
  ["a timeout, whose code is a number", new DOMException("x", "TimeoutError"), "TimeoutError"],
  ["a code that is a sentence", withCode("no such user: ann"), "Error"],
  ["a thrown string", "secret", "_OTHER"],
])("error.type is %s", (_, error, type) => {
  expect(errorType(error)).toBe(type);
});

test.each([
  ["what a stage failed with", new RagError("rerank", "x", { cause: new SyntaxError("y") }), "SyntaxError"],
  ["a stage that failed by itself", new RagError("rerank", "x"), "RagError"],
  ["a stage that failed with a string", new RagError("rerank", "x", { cause: "secret" }), "RagError"],
])("error.type in the pipeline is %s", (_, error, type) => {
  expect(stageErrorType(error)).toBe(type);
});

test("a circular chain of causes has a type", () => {
  const error = new RangeError("x");
  error.cause = error;
  expect(errorType(error)).toBe("RangeError");
});
