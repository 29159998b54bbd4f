import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readConfig } from "#config/env.ts";
import { blocksOf, pages } from "./_pages.ts";

/** Set by Lambda, serverless-offline or Cloudflare, not by users. */
const BY_PLATFORM = /^(?:AWS_|_X_AMZN|IS_OFFLINE$|CF_)/;

/** Variable → the default in its row of a table. */
const documented = new Map(
  ["docs/CONFIGURATION.md", "docs/OBSERVABILITY.md", "docs/DEPLOYMENT.md"].flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/^\| (`[A-Z][^|]*)\|([^|]*)\|/gm)].flatMap(([, names = "", value = ""]) =>
      [...names.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name = ""]) => [name, value.trim()] as const),
    ),
  ),
);

/** Variables in any row of any table. */
const inTables = new Set(
  pages().flatMap(({ prose }) =>
    [...prose.matchAll(/^\|.*/gm)].flatMap(([row]) =>
      [...row.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name = ""]) => name),
    ),
  ),
);

/** Variables that lib/config reads. */
const read = ["env", "services", "access", "feedback", "judge", "shadow", "telemetry", "worker"].flatMap((file) =>
  [...readFileSync(`lib/config/${file}.ts`, "utf8").matchAll(/\b([A-Z][A-Z0-9]*_[A-Z0-9_]+):/g)].map(
    ([, name = ""]) => name,
  ),
);

const variablesOf = (file: string) =>
  [...readFileSync(file, "utf8").matchAll(/\$\{(?:env:)?([A-Z][A-Z0-9_]+)(?=[:,}])/g)].map(([, name = ""]) => name);
const collector = ["collector", "balancer"].flatMap((name) => variablesOf(`local-stack/${name}.yaml`));

test("every setting of the functions has a row in a table", () => {
  const names = read.filter((name) => !BY_PLATFORM.test(name));
  expect(names.length).toBeGreaterThan(35);
  expect(names.filter((name) => !documented.has(name))).toEqual([]);
});

test("every setting of the collector has a row in a table", () => {
  const names = collector.filter((name) => name.startsWith("COLLECTOR_"));
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !documented.has(name))).toEqual([]);
});

test("every variable in a table is read somewhere", () => {
  const files = globSync(["lib/**/*.ts", "local-stack/**/*.{ts,yaml}", "serverless.yml"]);
  const source = files.map((file) => readFileSync(file, "utf8")).join("\n");
  expect([...documented.keys()].filter((name) => !new RegExp(`\\b${name}\\b`).test(source))).toEqual([]);
});

test("the defaults in the tables match the code", () => {
  const { telemetry, services, dataDir } = readConfig({ OPENAI_API_KEY: "k", QDRANT_URL: "http://localhost:6333" });
  const { embedding, chat, qdrant } = services;
  expect(
    pick(["OTEL_ENABLED", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TIMEOUT"]),
  ).toEqual([telemetry.enabled, telemetry.serviceName, telemetry.endpoint, telemetry.timeoutMs].map(String));
  expect(pick(["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_PROPAGATORS", "RAG_TRACE_EDGE"])).toEqual(
    [telemetry.sampler, telemetry.samplerArg, telemetry.propagators, telemetry.edge].map(String),
  );
  expect(pick(["RAG_TELEMETRY_RETAINED_BYTES", "OTEL_EXPORTER_OTLP_COMPRESSION", "RAG_DATA_DIR"])).toEqual(
    [telemetry.retainedBytes, telemetry.compression, dataDir].map(String),
  );
  expect(pick(["OPENAI_EMBEDDING_MODEL", "OPENAI_CHAT_MODEL", "QDRANT_COLLECTION"])).toEqual(
    [embedding?.model, chat?.model, qdrant?.collection].map(String),
  );
});

/** Defaults from the tables, without backticks. */
function pick(names: readonly string[]): (string | undefined)[] {
  return names.map((name) => documented.get(name)?.replaceAll("`", ""));
}

/** Documented by AWS. */
const AWS_OWN = "AWS_DEFAULT_REGION";

test("every variable that a block sets is in a table", () => {
  const blocks = pages().flatMap(blocksOf);
  const assigned = blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ where, text }) =>
      [...text.matchAll(/^(?:export )?((?:[A-Z][A-Z0-9_]+=\S* ?)+)/gm)].flatMap(([, line = ""]) =>
        [...line.matchAll(/(?:^| )([A-Z][A-Z0-9_]+)=/g)]
          .map(([, name = ""]) => ({ where, name }))
          // A variable of the shell: the block itself reads it.
          .filter(({ name }) => !new RegExp(`\\$\\{?${name}\\b`).test(text)),
      ),
    );
  expect(assigned.length).toBeGreaterThan(10);
  expect(assigned.filter(({ name }) => !inTables.has(name) && name !== AWS_OWN)).toEqual([]);
});
