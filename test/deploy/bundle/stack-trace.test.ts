import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeArtifact } from "#deploy/bundle/artifacts.ts";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { mapsIn, readable } from "#deploy/bundle/stack-trace.ts";
import { unzip } from "../stack/_unzip.ts";

const folder = `.bundle/test-${crypto.randomUUID()}`;
const maps = join(ROOT, folder, "maps");
let zipFile: string;
/** What a function printed, from its zip file, when it was invoked with an event that it refuses, and the error's stack. */
let printed: string;

beforeAll(async () => {
  const { path } = await makeArtifact("functions/health.handler", folder, { maps: join(folder, "maps") });
  zipFile = join(ROOT, path);
  for (const [name, content] of unzip(readFileSync(zipFile))) {
    const file = join(ROOT, folder, "var/task", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const entry = pathToFileURL(join(ROOT, folder, "var/task/functions/health.mjs")).href;
  const script = `
    const { handler } = await import(${JSON.stringify(entry)});
    const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 1000 };
    await handler({}, context).catch((error) => process.stdout.write(error.stack + "\\n"));
    process.exit(0);`;
  const env = { PATH: process.env.PATH, OTEL_ENABLED: "false", RAG_DATA_DIR: join(ROOT, folder) };
  printed = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { env, encoding: "utf8" });
});
afterAll(() => rmSync(join(ROOT, folder), { recursive: true, force: true }));

/** Where the source has this line, as file:line. */
function lineOf(file: string, line: string): string {
  const index = readFileSync(join(ROOT, file), "utf8")
    .split("\n")
    .findIndex((candidate) => candidate.includes(line));
  return `${file}:${index + 1}:`;
}

test("a stack trace of a bundle that runs leads to the lines of the source", () => {
  expect(printed).not.toContain("lib/compose");
  const args = [join(ROOT, "lib/deploy/bundle/stack-trace.ts"), maps];
  const output = execFileSync(process.execPath, args, { input: printed, encoding: "utf8" });
  const [frame] = output.match(/^ {4}at .*$/m) ?? [];
  expect(frame).toContain(lineOf("lib/compose/lambda.ts", "throw new UnsupportedEventError("));
  expect(output).toContain(lineOf("lib/compose/lambda.ts", "return refuse(event, context, consumer"));
  expect(output).not.toContain(".mjs:");
  // Everything but the positions is as it was.
  expect(output.split("\n")[0]).toBe(printed.split("\n")[0]);
});

test("the maps lie in a folder with the zip's name, the same ones each time, and not in the zip", async () => {
  const [name = ""] = readdirSync(maps);
  expect(zipFile.endsWith(`/${name}.zip`)).toBe(true);
  const code = [...unzip(readFileSync(zipFile)).keys()].map((path) => path.slice("functions/".length));
  expect(readdirSync(join(maps, name)).toSorted()).toEqual(code.map((file) => `${file}.map`).toSorted());
  for (const content of unzip(readFileSync(zipFile)).values()) expect(content.includes("sourceMappingURL")).toBe(false);

  const again = await makeArtifact("functions/health.handler", folder, { maps: join(folder, "again") });
  expect(again.path.endsWith(`/${name}.zip`)).toBe(true);
  for (const file of readdirSync(join(maps, name))) {
    const map = readFileSync(join(maps, name, file), "utf8");
    expect(readFileSync(join(ROOT, folder, "again", name, file), "utf8") === map, file).toBe(true);
    expect(JSON.parse(map)).not.toHaveProperty("sourcesContent");
    expect(map).not.toContain(ROOT);
  }
});

test("a file of several builds is an error that names them; a file of none is left as it is", () => {
  for (const [build, source] of Object.entries({ one: "a.ts", two: "b.ts" })) {
    mkdirSync(join(ROOT, folder, "several", build), { recursive: true });
    const map = {
      version: 3,
      file: "",
      sources: [source],
      sourcesContent: [],
      names: [],
      mappings: "AAAA",
      sourceRoot: "",
    };
    writeFileSync(join(ROOT, folder, "several", build, "query.mjs.map"), JSON.stringify(map));
  }
  const several = mapsIn(join(ROOT, folder, "several"));
  expect(() => readable("at /var/task/functions/query.mjs:1:1", several)).toThrow(/several\/one, .*several\/two/);
  const one = mapsIn(join(ROOT, folder, "several/one"));
  expect(readable("at f (file:///var/task/functions/query.mjs:1:1)", one)).toBe("at f (a.ts:1:1)");
  const other = "at f (file:///var/runtime/index.mjs:1205:28)";
  expect(readable(other, one)).toBe(other);
});
