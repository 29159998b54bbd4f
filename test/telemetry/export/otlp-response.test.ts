import { describe, expect, test } from "vitest";
import { readExportResponse } from "#telemetry/export/otlp-response.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const read = (status: number, { retryAfter, body = "{}" }: { retryAfter?: string; body?: string } = {}) =>
  readExportResponse({ status, body, header: (name) => (name === "retry-after" ? retryAfter : undefined) }, NOW);

describe("a collector's response", () => {
  test.each([200, 202, 204])("%i is success", (status) => {
    expect(read(status)).toEqual({ status: "success", rejected: 0 });
  });

  test.each<[body: string, rejected: number, message?: string]>([
    ['{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}', 3, "too old"],
    ['{"partialSuccess":{"rejectedDataPoints":7}}', 7],
    ['{"partialSuccess":{"errorMessage":"only a warning"}}', 0],
    ['{"partialSuccess":{}}', 0],
    ['{"partialSuccess":{"rejectedSpans":-1}}', 0],
    ['{"partialSuccess":{"rejectedSpans":"many"}}', 0],
    ["{}", 0],
    ["null", 0],
    ["", 0],
    ["<html>", 0],
  ])("with body %s rejected %i items", (body, rejected, message) => {
    expect(read(200, { body })).toEqual({ status: "success", rejected, ...(message !== undefined && { message }) });
  });

  test.each([429, 502, 503, 504])("%i is retryable", (status) => {
    expect(read(status)).toEqual({ status: "retryable", reason: String(status) });
  });

  test.each([301, 307, 401, 403, 404, 407, 408])("%i does not concern the batch, which is retained", (status) => {
    expect(read(status, { retryAfter: "9" })).toEqual({ status: "retryable", reason: String(status) });
  });

  test.each([400, 405, 413, 415, 422])("%i rejects the batch and not the next one", (status) => {
    expect(read(status)).toEqual({ status: "failure", reason: String(status), endpointHealthy: true });
  });

  test.each([500, 501, 505])("%i rejects the batch and marks the endpoint as unhealthy", (status) => {
    expect(read(status)).toEqual({ status: "failure", reason: String(status), endpointHealthy: false });
  });

  test.each([
    ["120", 120_000],
    ["0", 0],
    ["Sun, 22 Nov 2026 10:00:30 GMT", 30_000],
    ["Sun, 22 Nov 2026 09:00:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
  ])("with Retry-After %s may be asked again after %s ms", (retryAfter, retryAfterMs) => {
    expect(read(503, { retryAfter })).toEqual({
      status: "retryable",
      reason: "503",
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  });
});
