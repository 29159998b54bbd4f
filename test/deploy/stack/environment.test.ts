import { expect, test } from "vitest";
import { secretStatements, secretVariables, sizeProblem } from "#deploy/stack/environment.ts";

const OPTIONS = { secret: "edge-rag/qa", secretVersion: "", secretsFrom: "environment" };

test("variables of secrets are references, by version", () => {
  expect(secretVariables(["RAG_API_KEYS"], OPTIONS)).toEqual({
    RAG_API_KEYS: "{{resolve:secretsmanager:edge-rag/qa:SecretString:RAG_API_KEYS}}",
  });
  expect(secretVariables(["RAG_API_KEYS"], { ...OPTIONS, secretVersion: "v7" })).toEqual({
    RAG_API_KEYS: "{{resolve:secretsmanager:edge-rag/qa:SecretString:RAG_API_KEYS::v7}}",
  });
  expect(secretStatements(OPTIONS)).toEqual([]);
});

test("functions that read the secret get its name, and may read this one only", () => {
  const options = { ...OPTIONS, secretsFrom: "secret" };
  expect(secretVariables(["OPENAI_API_KEY", "RAG_API_KEYS"], options)).toEqual({
    ...{ RAG_SECRETS_FROM: "secret", RAG_SECRET: "edge-rag/qa", RAG_SECRETS: "OPENAI_API_KEY,RAG_API_KEYS" },
  });
  expect(secretVariables([], { ...options, secretVersion: "v7" })).toHaveProperty("RAG_SECRET_VERSION", "v7");
  const [statement] = secretStatements(options);
  expect(JSON.stringify(statement)).toContain("AWS::AccountId}:secret:edge-rag/qa-??????");
  expect(statement?.Action).toEqual(["secretsmanager:GetSecretValue"]);
  const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:edge-rag/qa-AbCdEf";
  expect(secretStatements({ ...options, secret: arn })).toMatchObject([{ Resource: arn }]);
});

const REFERENCES = { RAG_API_KEYS: "{{resolve:secretsmanager:edge-rag/qa:SecretString:RAG_API_KEYS}}" };
/** As JSON: {"RAG_API_KEYS":"…","A":"…"}. */
const AROUND = '{"RAG_API_KEYS":"","A":""}'.length;

test("an environment may have 4,096 bytes, with the secrets' values in place of references", () => {
  const fitting = { ...REFERENCES, A: "a".repeat(4_096 - AROUND - 66) };
  expect(sizeProblem(fitting, { RAG_API_KEYS: 66 })).toBeUndefined();
  expect(sizeProblem(fitting, { RAG_API_KEYS: 67 })).toEqual({
    what: "The variables of a function would have at least 4097 bytes, and Lambda allows 4096; the largest are A 4004, RAG_API_KEYS 67.",
    remedy:
      "Set RAG_SECRETS_FROM=secret, so that the functions read the secret at start and their variables have only its name.",
  });
});

test("bytes are counted, not characters, and the advice is another one where the secret is read already", () => {
  const variables = { RAG_SECRETS_FROM: "secret", OPENAI_PRICES: "€".repeat(1_400) };
  expect(sizeProblem(variables, {})).toEqual({
    what: expect.stringMatching(/at least 42\d\d bytes.*OPENAI_PRICES 4200/),
    remedy: "Shorten them.",
  });
});
