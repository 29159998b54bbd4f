import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { startGateway } from "../../local-stack/dev/gateway.ts";
import { freePorts } from "../../local-stack/stack/ports.ts";
import { virtualEnvironment } from "../support/python/environment.ts";
import { startApp } from "./_app.ts";

/** What serverless-offline does differently from the OpenAPI document, by the check of Schemathesis that finds it. */
const GATEWAY_S_OWN = {
  unsupported_method: "like API Gateway, it responds itself, with 404, to a method that a path does not have",
};

/** Takes ratings of answers. */
const SETTINGS = { RAG_FEEDBACK_SECRET: "schemathesis".repeat(3) };
const KEYS = { writer: "erag_schemathesis-writer", reader: "erag_schemathesis-reader", stranger: "erag_unknown" };
const sha256Of = (key: string): string => createHash("sha256").update(key).digest("hex");

let programs: string;
let folder: string;
beforeAll(async () => {
  programs = virtualEnvironment("schemathesis");
  folder = await mkdtemp(join(tmpdir(), "edge-rag-schemathesis-"));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

interface Run {
  /** Maximum test cases per operation, besides those of the phase "coverage". */
  examples: number;
  /** Its values at and beyond every limit take most of the time; "fuzzing" alone goes without. */
  phases?: "coverage,fuzzing" | "fuzzing";
  key?: string;
  excludedChecks?: readonly string[];
}

/** Runs every check of Schemathesis against a server, with the same requests each time, and returns its report. */
async function findingsAt(url: string, run: Run): Promise<string> {
  const { examples, phases = "coverage,fuzzing", key, excludedChecks = [] } = run;
  // Fetched by Schemathesis itself, the document's own route would not be tested.
  const document = join(folder, "openapi.json");
  await writeFile(document, await (await fetch(`${url}/openapi.json`)).text());
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(
    join(programs, "schemathesis"),
    [
      ...["--no-color", "run", document, "--url", url, "--checks", "all", "--workers", "1", "--request-timeout", "30"],
      ...[
        "--max-examples",
        String(examples),
        "--phases",
        phases,
        "--generation-deterministic",
        "--suppress-health-check",
        "too_slow",
      ],
      ...(excludedChecks.length > 0 ? ["--exclude-checks", excludedChecks.join(",")] : []),
      // Without warnings of operations that respond only with 401 or 403.
      ...(key === undefined ? [] : ["--header", `authorization: ${headers.authorization}`, "--warnings", "off"]),
    ],
    {
      ...{ cwd: folder, maxBuffer: 2 ** 26 },
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: join(import.meta.dirname, "schemathesis.py"),
        SCHEMATHESIS_SERVER: url,
        SCHEMATHESIS_HEADERS: JSON.stringify(headers),
      },
    },
    (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`),
  );
  return promise;
}

function expectNoFindings(report: string): void {
  const [, selected, total] = /^ *Operations: +(\d+) selected \/ (\d+) total$/m.exec(report) ?? [];
  expect(selected).toBe(total);
  expect(Number(total)).toBeGreaterThan(0);
  expect(report).toMatch(/No issues found in [\d.]+s/);
  expect(report).not.toContain("WARNINGS");
}

it("Schemathesis finds nothing wrong with a service that is open to anyone", async () => {
  const app = await startApp(SETTINGS);
  onTestFinished(app.stop);
  expectNoFindings(await findingsAt(app.url, { examples: 60 }));
});

it.each(["writer", "reader", "stranger"] as const)("nor with one that requires keys, called by a %s", async (role) => {
  const keys = [`acme:${sha256Of(KEYS.writer)}`, `acme:${sha256Of(KEYS.reader)}:1`];
  const app = await startApp({ ...SETTINGS, RAG_API_KEYS: keys.join(",") });
  onTestFinished(app.stop);
  expectNoFindings(await findingsAt(app.url, { examples: 20, phases: "fuzzing", key: KEYS[role] }));
});

it("nor, but for what is the gateway's own, behind serverless-offline", async () => {
  Object.assign(process.env, { ...SETTINGS, RAG_DATA_DIR: join(folder, "data"), OTEL_ENABLED: "false" });
  const [port = 0] = await freePorts(1);
  const gateway = await startGateway(ROOT, port);
  onTestFinished(gateway.stop);
  expectNoFindings(await findingsAt(gateway.url, { examples: 10, excludedChecks: Object.keys(GATEWAY_S_OWN) }));
});
