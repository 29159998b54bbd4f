import { expect, test } from "vitest";
import { ConfigError } from "#config/env.ts";
import { readSecretSource, withSecrets } from "#config/secret.ts";

const ON = {
  ...{ RAG_SECRETS_FROM: "secret", RAG_SECRET: "edge-rag/production", RAG_SECRETS: "OPENAI_API_KEY, RAG_API_KEYS" },
  ...{ AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "s" },
};
const SOURCE = {
  ...{ secretId: "edge-rag/production", versionId: undefined, names: ["OPENAI_API_KEY", "RAG_API_KEYS"] },
  ...{ region: "eu-west-1", endpoint: undefined },
  credentials: { accessKeyId: "AKIA", secretAccessKey: "s", sessionToken: undefined },
};

test("without the setting, nothing else is looked at", () => {
  expect(readSecretSource({ RAG_SECRET: "x", AWS_ENDPOINT_URL: "no URL" })).toBeUndefined();
  expect(readSecretSource({ ...ON, RAG_SECRETS_FROM: "environment" })).toBeUndefined();
  expect(readSecretSource({ ...ON, RAG_SECRETS_FROM: "" })).toBeUndefined();
});

test("with it, the secret, the variables in it and the credentials come from the environment", () => {
  expect(readSecretSource(ON)).toEqual(SOURCE);
  const more = { RAG_SECRET_VERSION: "v7", AWS_SESSION_TOKEN: "t", AWS_ENDPOINT_URL: "http://a" };
  expect(readSecretSource({ ...ON, ...more })).toMatchObject({ versionId: "v7", endpoint: "http://a" });
  expect(readSecretSource({ ...ON, ...more, AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://b" })?.endpoint).toBe("http://b");
});

test.each(["RAG_SECRET", "RAG_SECRETS", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])(
  "%s must be set",
  (name) => {
    const error = new ConfigError(`${name}: must be set when RAG_SECRETS_FROM is secret.`);
    expect(() => readSecretSource({ ...ON, [name]: "" })).toThrow(error);
  },
);

test("another value is an error", () => {
  expect(() => readSecretSource({ RAG_SECRETS_FROM: "vault" })).toThrow(
    "RAG_SECRETS_FROM: must be one of environment, secret.",
  );
});

test("the variables in the list are taken from the secret, and those of the environment stay", () => {
  const text = JSON.stringify({ OPENAI_API_KEY: "sk-1", RAG_API_KEYS: "a:1", RAG_SMOKE_KEY: "erag_x" });
  expect(withSecrets(text, SOURCE, { PATH: "/bin", OPENAI_API_KEY: "" })).toEqual({
    ...{ PATH: "/bin", OPENAI_API_KEY: "sk-1", RAG_API_KEYS: "a:1" },
  });
  expect(withSecrets(text, SOURCE, { OPENAI_API_KEY: "sk-own" })).toMatchObject({ OPENAI_API_KEY: "sk-own" });
  // What is set in the environment need not be in the secret.
  expect(withSecrets('{"RAG_API_KEYS":"a:1"}', SOURCE, { OPENAI_API_KEY: "sk-own" })).toHaveProperty(
    "RAG_API_KEYS",
    "a:1",
  );
});

test.each([
  ["not JSON", "sk-canary", "OPENAI_API_KEY,RAG_API_KEYS"],
  ["no object", '"sk-canary"', "OPENAI_API_KEY,RAG_API_KEYS"],
  ["null", "null", "OPENAI_API_KEY,RAG_API_KEYS"],
  ["an object without one of them", '{"OPENAI_API_KEY":"sk-canary"}', "RAG_API_KEYS"],
  ["an object with a list", '{"OPENAI_API_KEY":"sk-canary","RAG_API_KEYS":["a:1"]}', "RAG_API_KEYS"],
])("a secret that is %s is an error, which names what is missing and shows no value", (_what, text, missing) => {
  const attempt = () => withSecrets(text, SOURCE, {});
  expect(attempt).toThrow(
    `RAG_SECRET: "edge-rag/production" must be a JSON object with text for each variable of RAG_SECRETS; it has none for ${missing}.`,
  );
  expect(attempt).not.toThrow("canary");
});
