import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Packaged, packageProject } from "./_package.ts";

/** All that a function needs to start. */
const SETTINGS = {
  OTEL_ENABLED: "false",
  RAG_PUBLIC: "true",
  QDRANT_URL: "https://qdrant.example.com:6333",
  UPSTASH_REDIS_REST_URL: "https://redis.example.com",
};

let staging: Packaged;
let preview: Packaged;

beforeAll(async () => {
  [staging, preview] = await Promise.all(
    ["staging", "pr-12"].map((stage) => packageProject({ stage, env: SETTINGS })) as [
      Promise<Packaged>,
      Promise<Packaged>,
    ],
  );
}, 240_000);
afterAll(() => {
  for (const packaged of [staging, preview]) if (packaged) rmSync(packaged.folder, { recursive: true, force: true });
});

/** The access log's fields, by name. */
function accessLogOf({ resources }: Packaged): Record<string, string> | undefined {
  const { AccessLogSettings: settings } = resources.HttpApiStage?.Properties ?? {};
  return settings && JSON.parse((settings as { Format: string }).Format);
}

test("the HTTP API of staging logs each request as JSON, without anything about caller or documents", () => {
  const fields = accessLogOf(staging) ?? {};
  expect(Object.keys(fields)).toEqual(
    expect.arrayContaining(["request_id", "route", "status", "error", "latency_ms", "function_request_id"]),
  );
  const values = Object.values(fields).join();
  expect(values).toMatch(/^(\$context\.[a-z]+(\.[a-z]+)?,?)+$/i);
  // `path` has documents' ids, and `error.message` may quote a request.
  expect(values).not.toMatch(/identity|authorizer|\.path|domain|message/i);
  expect(staging.resources.HttpApiLogGroup).toMatchObject({
    Properties: { LogGroupName: "/aws/http-api/edge-rag-staging", RetentionInDays: 30 },
  });
  expect(staging.resources.HttpApiStage?.Properties.AccessLogSettings).toMatchObject({
    DestinationArn: { "Fn::GetAtt": ["HttpApiLogGroup", "Arn"] },
  });
});

test("a preview has no access log, whose delivery its role may not set up", () => {
  expect(accessLogOf(preview)).toBeUndefined();
  expect(preview.resources).not.toHaveProperty("HttpApiLogGroup");
});
