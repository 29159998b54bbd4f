import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "#deploy/bundle/bundle.ts";

const { version, license, devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** The instructions of the Dockerfile: name and arguments, with continued lines joined. */
const instructions = readFileSync(join(ROOT, "local-stack/app/Dockerfile"), "utf8")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter(Boolean)
  .map((line) => /^(\w+)\s+(.*)$/.exec(line)?.slice(1) ?? [line, ""]) as [name: string, args: string][];
const argumentsOf = (name: string) => instructions.filter(([it]) => it === name).map(([, args]) => args);
/** Of the last stage, which becomes the image. */
const last = instructions.slice(instructions.findLastIndex(([name]) => name === "FROM"));

test("both stages of the image are of one Node.js, that of the project, by its full version", () => {
  expect(argumentsOf("ARG")).toEqual([`NODE=${devDependencies.node}-trixie-slim`]);
  const images = argumentsOf("FROM").map((args) =>
    args.replace(/^\S+/, (image) => (image.includes("{NODE}") ? "that" : image)),
  );
  expect(images).toEqual(["that AS build", "that"]);
});

test("the files that are copied exist, and the build's context has no others", () => {
  const copied = argumentsOf("COPY")
    .filter((args) => !args.startsWith("--from"))
    .flatMap((args) => args.split(" ").slice(0, -1));
  expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  const [first, ...kept] = readFileSync(join(ROOT, "local-stack/app/Dockerfile.dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect([first, kept]).toEqual(["*", copied.map((path) => `!${path}`)]);
});

test("the image runs as a user who is not root, and is stopped and checked without a shell", () => {
  const of = (name: string) => last.filter(([it]) => it === name).map(([, args]) => args);
  expect(of("USER")).toEqual(["1000:1000"]);
  expect(of("STOPSIGNAL")).toEqual(["SIGTERM"]);
  expect(JSON.parse(of("CMD")[0] ?? "")).toEqual(["node", "server.mjs"]);
  const [, check = ""] = /CMD (\[.*\])$/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
  expect(JSON.parse(check)[0]).toBe("node");
  expect(of("ENV")[0]).toContain("HOST=0.0.0.0");
  expect(of("VOLUME")).toEqual(["/data"]);
});

test("the image's labels and the tag in compose.yaml have the project's version", () => {
  expect(argumentsOf("LABEL")[0]).toContain(`version="${version}"`);
  expect(argumentsOf("LABEL")[0]).toContain(`licenses="${license}"`);
  expect(readFileSync(join(ROOT, "local-stack/compose.yaml"), "utf8")).toContain(`image: edge-rag:${version}\n`);
});
