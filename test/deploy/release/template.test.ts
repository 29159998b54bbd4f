import { expect, test } from "vitest";
import { runningIn } from "#deploy/release/template.ts";

test("the running deployment is read from the S3 keys of the functions' code", () => {
  const code = (S3Key: string) => ({ Type: "AWS::Lambda::Function", Properties: { Code: { S3Key } } });
  const S3Key = "serverless/edge-rag/staging/1795577816000-2026-11-25T03:36:56.000Z/query-93623d58e412.zip";
  const layer = {
    Type: "AWS::Lambda::LayerVersion",
    Properties: { Code: { S3Key: "a/1-1970-01-01T00:00:00.001Z/y.zip" } },
  };
  expect(runningIn({ Resources: { bucket: { Type: "AWS::S3::Bucket" }, layer, query: code(S3Key) } })).toEqual({
    timestamp: 1795577816000,
    keys: [S3Key],
  });
  expect(runningIn({ Resources: { query: code("elsewhere/query.zip") } })).toBeUndefined();
  expect(runningIn({})).toBeUndefined();
});
