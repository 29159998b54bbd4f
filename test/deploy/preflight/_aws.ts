import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { awsIn, type RegionalAws } from "#deploy/preflight/aws.ts";
import type { Deployment } from "#deploy/preflight/deployment.ts";
import { playProgram, type State } from "../ci/_checkout.ts";

/** From here on, until the test ends, `aws` is a fake with these answers. Returns a client of it, and what it was asked. */
export function fakeAws(answers: NonNullable<State["answers"]>): { aws: RegionalAws; calls: () => string[] } {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-preflight-"));
  const file = join(folder, "state.json");
  mkdirSync(join(folder, "bin"));
  playProgram(join(folder, "bin/aws"));
  writeFileSync(file, JSON.stringify({ answers }));
  vi.stubEnv("PATH", `${join(folder, "bin")}:${process.env.PATH}`);
  vi.stubEnv("FAKE_STATE", file);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  const calls = `${file}.calls`;
  return {
    aws: awsIn("eu-west-1"),
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
  };
}

/** As AWS's command line says it. */
export function awsError(code: string, message = "no further words"): { fails: string } {
  return { fails: `\nAn error occurred (${code}) when calling the operation: ${message}` };
}

export function deployment(
  changes: Omit<Partial<Deployment>, "deploy"> & { deploy?: Partial<Deployment["deploy"]> } = {},
): Deployment {
  return {
    ...{ stage: "dev", region: "eu-west-1", stack: "edge-rag-dev", inVpc: false },
    functions: ["query", "embed"].map((name) => ({ name: `edge-rag-dev-${name}`, reserved: 0, environment: {} })),
    settings: { QDRANT_URL: "https://qdrant.test", UPSTASH_REDIS_REST_URL: "https://redis.test" },
    ...changes,
    deploy: {
      ...{ secret: "edge-rag/dev", secretVersion: "", secretsFrom: "environment", secrets: "", alarms: false },
      ...{ alarmTopic: "", permissionsBoundary: "", streamApi: "url", ...changes.deploy },
    },
  };
}
