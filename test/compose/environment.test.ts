import { expect, onTestFinished, test, vi } from "vitest";
import { readEnvironment } from "#compose/environment.ts";
import { readConfig } from "#config/env.ts";
import { startSecretsManager } from "../support/secrets-manager-server.ts";

async function withSecret(names: string, env: Record<string, string> = {}) {
  const fake = await startSecretsManager();
  const settings = {
    ...fake.env,
    RAG_SECRETS_FROM: "secret",
    RAG_SECRET: "edge-rag/staging",
    RAG_SECRETS: names,
    ...env,
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    fake.close();
  });
  return fake;
}

test("without RAG_SECRETS_FROM nothing is read", async () => {
  const fake = await withSecret("OPENAI_API_KEY", { RAG_SECRETS_FROM: "environment" });
  expect(await readEnvironment()).toBeUndefined();
  expect(fake.requests).toEqual([]);
});

test("with it the settings, those of telemetry too, have the secret's values", async () => {
  const fake = await withSecret("QDRANT_API_KEY,OTEL_EXPORTER_OTLP_HEADERS", { QDRANT_URL: "http://localhost:6333" });
  fake.secrets.set(
    "edge-rag/staging",
    JSON.stringify({ QDRANT_API_KEY: "q-1", OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20t" }),
  );
  const { services, telemetry } = readConfig(await readEnvironment());
  expect(services.qdrant?.apiKey).toBe("q-1");
  expect(telemetry.headers).toEqual({ authorization: "Bearer t" });
  expect(fake.requests).toEqual([{ SecretId: "edge-rag/staging" }]);
});

test("a secret that cannot be read is one clear error", async () => {
  const fake = await withSecret("QDRANT_API_KEY");
  const message = "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: secretsmanager:GetSecretValue";
  fake.script.push({ status: 400, body: JSON.stringify({ __type: "AccessDeniedException", Message: message }) });
  await expect(readEnvironment()).rejects.toThrow(
    `RAG_SECRET: "edge-rag/staging" cannot be read: AccessDeniedException: ${message}.`,
  );
});
