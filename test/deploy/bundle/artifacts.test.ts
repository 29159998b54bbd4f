import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeArtifact } from "#deploy/bundle/artifacts.ts";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { GOAL, sizeTable } from "#deploy/bundle/size-table.ts";
import { unzip } from "../stack/_unzip.ts";

test("the zip file's name contains a hash of its content, and handlers in the same file share it", async () => {
  const folder = `.bundle/test-${crypto.randomUUID()}`;
  onTestFinished(() => rmSync(join(ROOT, folder), { recursive: true, force: true }));
  const [query, stream, health] = [
    await makeArtifact("functions/query.handler", folder),
    await makeArtifact("functions/query.stream", folder),
    await makeArtifact("functions/health.handler", folder),
  ];
  expect(stream).toEqual(query);
  expect(health.sha256).not.toBe(query.sha256);

  const zip = readFileSync(join(ROOT, query.path));
  expect(query).toMatchObject({ zipped: zip.length, sha256: createHash("sha256").update(zip).digest("hex") });
  expect(basename(query.path)).toBe(`query-${query.sha256.slice(0, 12)}.zip`);
  const contents = [...unzip(zip).values()];
  expect(query.bytes).toBe(contents.reduce((total, { length }) => total + length, 0));
  // The protocol and the schemas of the tools, which no other route loads.
  expect(query.mcp.bytes).toBeGreaterThan(5_000);
  expect(health.mcp).toEqual({ bytes: 0, zipped: 0 });
});

test("the size table lists each function's size and marks those over the goal", () => {
  const artifact = { path: "a.zip", bytes: 431_438, zipped: 158_278, sha256: "de171af0", modules: [] };
  const mcp = { bytes: 17_000, zipped: 6_100 };
  const none = { bytes: 0, zipped: 0 };
  const table = sizeTable(
    new Map([
      ["query", { ...artifact, bytes: artifact.bytes + mcp.bytes, zipped: artifact.zipped + mcp.zipped, mcp }],
      ["health", { ...artifact, bytes: GOAL.bytes + 100, zipped: GOAL.zipped, mcp: none }],
    ]),
  );
  expect(table).toBe(
    [
      "function  minified, goal 630.0 KB  zipped, goal 220.0 KB  for /mcp alone, goal 10.0 KB  SHA-256",
      "query     431.4 KB                 158.3 KB               + 6.1 KB                      de171af0",
      "health    630.1 KB, OVER           220.0 KB                                             de171af0",
      "",
    ].join("\n"),
  );
});

test("packages have no embedded parts, and a function that is told to use them says what to do instead", async () => {
  const folder = `.bundle/test-${crypto.randomUUID()}`;
  onTestFinished(() => rmSync(join(ROOT, folder), { recursive: true, force: true }));
  const { path, modules } = await makeArtifact("functions/query.handler", folder);
  expect(modules.filter((module) => /providers\/(?:embedded|sqlite)\//.test(module))).toEqual([]);
  for (const [name, content] of unzip(readFileSync(join(ROOT, path))))
    writeFileSync(join(ROOT, folder, basename(name)), content);
  const environment = {
    AWS_LAMBDA_FUNCTION_NAME: "query",
    AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9",
    OTEL_ENABLED: "false",
  };
  const { stderr, status } = spawnSync(process.execPath, [join(ROOT, folder, "query.mjs")], {
    env: { ...environment, RAG_EMBEDDED: "true", RAG_PUBLIC: "true" },
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("Error: The embedded parts are in no package for Lambda. Configure the services, or run");
});
