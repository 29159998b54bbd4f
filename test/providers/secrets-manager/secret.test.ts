import { afterEach, beforeEach, expect, test } from "vitest";
import { getSecretString } from "#providers/secrets-manager/secret.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import {
  CREDENTIALS,
  type FakeSecretsManager,
  REGION,
  startSecretsManager,
} from "../../support/secrets-manager-server.ts";

let fake: FakeSecretsManager;
beforeEach(async () => {
  fake = await startSecretsManager();
  fake.secrets.set("edge-rag/production", '{"A":"1"}').set("edge-rag/production:v7", '{"A":"7"}');
});
afterEach(() => fake.close());

const get = (options: Partial<Parameters<typeof getSecretString>[0]> = {}) =>
  getSecretString({
    ...{
      secretId: "edge-rag/production",
      region: REGION,
      endpoint: fake.url,
      credentials: CREDENTIALS,
      fetch: httpFetch,
    },
    ...options,
  });

test("the current version is read, or the one that is named, with a signature like that of AWS's own code", async () => {
  expect(await get()).toBe('{"A":"1"}');
  expect(await get({ versionId: "v7" })).toBe('{"A":"7"}');
  const { sessionToken: _, ...credentials } = CREDENTIALS;
  expect(await get({ credentials })).toBe('{"A":"1"}');
});

test("another key does not sign", async () => {
  const credentials = { ...CREDENTIALS, secretAccessKey: "other" };
  await expect(get({ credentials })).rejects.toThrow("InvalidSignatureException: The request signature we calculated");
  expect(fake.requests).toHaveLength(1);
});

test("AWS's error is thrown with its message, and not tried again", async () => {
  await expect(get({ secretId: "none" })).rejects.toThrow(
    "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
  );
  fake.script.push({ status: 400, body: '{"__type":"AccessDeniedException","message":"not authorized to perform"}' });
  await expect(get()).rejects.toThrow("AccessDeniedException: not authorized to perform");
  expect(fake.requests).toHaveLength(2);
});

test("a secret without text is an error", async () => {
  fake.script.push({ status: 200, body: '{"SecretBinary":"AAAA"}' });
  await expect(get()).rejects.toThrow("no text");
});

test("no response, a throttled request and an internal error are tried again, three times in all", async () => {
  const throttled = { status: 400, body: '{"__type":"ThrottlingException","message":"Rate exceeded"}' };
  fake.script.push("hang", throttled);
  expect(await get({ timeoutMs: 1_500 })).toBe('{"A":"1"}');
  fake.script.push(...Array(3).fill({ status: 500, body: '{"__type":"InternalServiceError","message":"oops"}' }));
  await expect(get()).rejects.toThrow("InternalServiceError: oops");
  expect(fake.requests).toHaveLength(6);
});

test("an address that does not answer is named", async () => {
  fake.script.push("hang", "hang", "hang");
  const { host } = new URL(fake.url);
  await expect(get({ timeoutMs: 50 })).rejects.toThrow(
    `${host} did not answer: The operation was aborted due to timeout`,
  );
});

test.each([
  ["edge-rag/x", "us-east-1", "https://secretsmanager.us-east-1.amazonaws.com/"],
  ["edge-rag/x", "cn-north-1", "https://secretsmanager.cn-north-1.amazonaws.com.cn/"],
  [
    "arn:aws:secretsmanager:ap-south-1:123456789012:secret:x-AbCdEf",
    "us-east-1",
    "https://secretsmanager.ap-south-1.amazonaws.com/",
  ],
])("%s is asked for in its region, from %s", async (secretId, region, expected) => {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (url) => {
    asked.push(String(url));
    return Response.json({ SecretString: "{}" });
  };
  await get({ secretId, region, endpoint: undefined, fetch });
  expect(asked).toEqual([expected]);
});
