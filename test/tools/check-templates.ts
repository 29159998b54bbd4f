/**
 * `npm run check:templates`: packages every stage, one of them with each option of packaging, and runs cfn-lint on the
 * templates. Installs cfn-lint from PyPI; fails where that is not possible.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type PackageOptions, packageProject } from "../deploy/stack/_package.ts";
import { virtualEnvironment } from "../support/python/environment.ts";

/** What the functions need to start. */
const SETTINGS = {
  QDRANT_URL: "https://qdrant.example.com:6333",
  UPSTASH_REDIS_REST_URL: "https://redis.example.com",
  OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example.com:4318",
};

const OPTIONS = {
  RAG_XRAY: "true",
  RAG_SECRET: "edge-rag/other",
  RAG_SECRET_VERSION: "0f1e2d3c-4b5a-4697-8877-665544332211",
  RAG_SECRETS: "OPENAI_API_KEY,UPSTASH_REDIS_REST_TOKEN,RAG_API_KEYS",
  RAG_ALARM_TOPIC: "arn:aws:sns:eu-central-1:123456789012:alarms",
  RAG_PERMISSIONS_BOUNDARY: "arn:aws:iam::123456789012:policy/edge-rag-preview",
  RAG_OTLP_EXPORTER: "opentelemetry",
};

const PACKAGES: Readonly<Record<string, PackageOptions & { stage: string }>> = {
  dev: { stage: "dev" },
  staging: { stage: "staging" },
  production: { stage: "production" },
  "production, all options": { stage: "production", env: OPTIONS },
  "staging, streaming from a REST API": { stage: "staging", env: { RAG_STREAM_API: "rest" } },
  "staging, keys read at start": { stage: "staging", env: { RAG_SECRETS_FROM: "secret" } },
  "pr-7": { stage: "pr-7" },
  "pr-7, bounded": { stage: "pr-7", env: { RAG_PERMISSIONS_BOUNDARY: OPTIONS.RAG_PERMISSIONS_BOUNDARY } },
};

const REGIONS = ["us-east-1", "eu-central-1"];
/** W3005, "obsolete DependsOn": osls says twice what depends on what, which does no harm. */
const IGNORED = ["W3005"];

/** Packagings at a time. Each has a limit of time, which eight of them exceed on a busy machine. */
const PARALLEL = 2;

const folders: string[] = [];
try {
  const program = join(virtualEnvironment("linters"), "cfn-lint");
  const templates: string[] = [];
  const packages = Object.entries(PACKAGES).values();
  const packaging = Array.from({ length: PARALLEL }, async () => {
    for (const [name, { stage, env }] of packages) {
      const { folder, cwd } = await packageProject({ stage, env: { ...SETTINGS, ...env } });
      folders.push(folder);
      const template = join(cwd, ".serverless/cloudformation-template-update-stack.json");
      console.log(`${name}: ${template}`);
      templates.push(template);
    }
  });
  // All of them end before their folders are removed, whatever becomes of one.
  await Promise.allSettled(packaging);
  await Promise.all(packaging);
  const args = ["--regions", ...REGIONS, "--ignore-checks", ...IGNORED, "--format", "parseable", "--", ...templates];
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (error) throw error;
  if (status === 0) console.log(`${templates.length} templates checked`);
  else process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
