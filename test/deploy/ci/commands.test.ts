import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { comment } from "#deploy/ci/comment.ts";
import { writePackageSettings } from "#deploy/ci/package-settings.ts";
import { removePreviews } from "#deploy/ci/remove-previews.ts";
import { smokeSettings } from "#deploy/ci/smoke-settings.ts";
import { startQdrantServer } from "../../support/qdrant-server.ts";
import { createCheckout, type State } from "./_checkout.ts";

/** From here on `aws` and `gh` are fakes, and what is printed is kept. */
function fakePrograms(state: State) {
  const checkout = createCheckout(state);
  for (const [name, value] of Object.entries(checkout.env)) vi.stubEnv(name, value);
  let printed = "";
  const keep = (text: unknown) => {
    printed += text;
    return true;
  };
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(keep);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
  return { ...checkout, printed: () => printed };
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-commands-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("the comment is created once from the available measurements, then updated", async () => {
  const fakes = fakePrograms({ comments: [] });
  const folder = scratch();
  writeFileSync(join(folder, "head-sizes.json"), '{"query":158000}');
  writeFileSync(join(folder, "smoke.json"), "half");
  await comment(["7", folder], { GITHUB_REPOSITORY: "someone/edge-rag" });
  await comment(["7", folder], { GITHUB_REPOSITORY: "someone/edge-rag", URL: "https://api.test", STAGE: "pr-7" });
  expect(fakes.printed()).toMatch(/smoke\.json is not valid JSON, and is ignored\nCommented on #7\.\n/);
  expect(fakes.printed()).toMatch(/Updated the comment on #7\.\n$/);
  const { comments = [] } = fakes.state();
  expect(comments.map(({ body }) => body)).toEqual([expect.stringContaining("- API: https://api.test\n")]);
});

test.each([
  [["seven"], "someone/edge-rag", '"seven" is not the number of a pull request'],
  [[], "someone/edge-rag", '"" is not the number of a pull request'],
  [["7"], "", "GITHUB_REPOSITORY is not set"],
])("a comment on %j of %j is rejected", async (args, GITHUB_REPOSITORY, printed) => {
  await expect(comment(args, { GITHUB_REPOSITORY })).rejects.toThrow(printed);
});

test("the smoke test's settings are set for the next steps, masked, and no other key is", async () => {
  const GITHUB_ENV = join(scratch(), "env");
  const secret = JSON.stringify({ RAG_SMOKE_KEY: "erag_x", RAG_SMOKE_JAEGER: "https://a:b@j", OPENAI_API_KEY: "sk-1" });
  const fakes = fakePrograms({ secrets: { "edge-rag/preview": secret, "edge-rag/staging": "{}" } });
  await smokeSettings(["pr-7"], { GITHUB_ENV });
  expect(readFileSync(GITHUB_ENV, "utf8")).toBe("RAG_SMOKE_KEY=erag_x\nRAG_SMOKE_JAEGER=https://a:b@j\n");
  expect(fakes.printed()).toMatch(
    /^::add-mask::erag_x\n::add-mask::https:\/\/a:b@j\nFrom the secret edge-rag\/preview: /,
  );
  await smokeSettings(["staging"], { GITHUB_ENV });
  expect(fakes.printed()).toMatch(/edge-rag\/staging: nothing\n$/);
});

test("a value with a line break, which could set another variable, is rejected", async () => {
  const GITHUB_ENV = join(scratch(), "env");
  fakePrograms({
    secrets: { "edge-rag/preview": JSON.stringify({ RAG_SMOKE_KEY: "a\nNODE_OPTIONS=--require evil" }) },
  });
  await expect(smokeSettings(["pr-7"], { GITHUB_ENV })).rejects.toThrow("has a line break");
  const VARS = JSON.stringify({ QDRANT_URL: "https://q\nNODE_OPTIONS=x" });
  await expect(writePackageSettings(["pr-7"], { GITHUB_ENV, VARS })).rejects.toThrow("QDRANT_URL has a line break");
});

test("setting variables requires GITHUB_ENV", async () => {
  await expect(smokeSettings(["pr-7"], {})).rejects.toThrow("GITHUB_ENV is not set");
  await expect(writePackageSettings(["pr-7"], {})).rejects.toThrow("GITHUB_ENV is not set");
});

test("a package's settings are set for the next steps and logged", async () => {
  const GITHUB_ENV = join(scratch(), "env");
  const fakes = fakePrograms({});
  await writePackageSettings(["pr-7"], { GITHUB_ENV, VARS: '{"QDRANT_URL":"https://q","OPENAI_API_KEY":"sk-1"}' });
  expect(fakes.printed()).toBe("QDRANT_URL=https://q\nQDRANT_COLLECTION=edge-rag-pr-7\n");
  expect(readFileSync(GITHUB_ENV, "utf8")).toBe(fakes.printed());
});

const STACKS = {
  "edge-rag-pr-7": "UPDATE_COMPLETE",
  "edge-rag-pr-8": "CREATE_COMPLETE",
  "edge-rag-pr-5": "DELETE_COMPLETE",
};

test("previews of closed pull requests are removed, a stack before its collections", async () => {
  const { url, collections, close } = await startQdrantServer({ apiKey: "q" });
  const body = JSON.stringify({ vectors: { size: 2, distance: "Cosine" } });
  for (const name of ["edge-rag-pr-7_v1", "edge-rag-pr-8_v1"])
    await fetch(`${url}/collections/${name}`, { method: "PUT", headers: { "api-key": "q" }, body });
  const fakes = fakePrograms({ stacks: STACKS, pulls: [8], secrets: { "edge-rag/preview": '{"QDRANT_API_KEY":"q"}' } });
  const ran: [string, string[]][] = [];
  const env = { QDRANT_URL: url, GITHUB_REPOSITORY: "someone/edge-rag" };
  await removePreviews([], env, async (args) => void ran.push([args.join(" "), [...collections.keys()]]));
  await close();
  expect(ran).toEqual([["remove --stage pr-7", ["edge-rag-pr-7_v1", "edge-rag-pr-8_v1"]]]);
  expect([...collections.keys()]).toEqual(["edge-rag-pr-8_v1"]);
  expect(fakes.printed()).toContain("pr-7: removed, with the collections edge-rag-pr-7_v1.");
});

test("a failed removal is reported after the others are removed; without QDRANT_URL collections stay", async () => {
  const fakes = fakePrograms({ stacks: STACKS, pulls: [] });
  const removing = removePreviews([], { GITHUB_REPOSITORY: "someone/edge-rag" }, async (args) => {
    if (args.includes("pr-7")) throw new Error("AWS refuses");
  });
  await expect(removing).rejects.toThrow(/^not everything was removed\npr-7: AWS refuses$/);
  expect(fakes.printed()).toContain("QDRANT_URL is not set: collections are not removed.");
  expect(fakes.printed()).toContain("pr-8: removed, with the collections none.");
});

test("a named preview is removed even if its pull request is open; a missing one is ignored", async () => {
  const fakes = fakePrograms({ stacks: STACKS, pulls: [7] });
  const ran: string[] = [];
  await removePreviews(["pr-7"], {}, async (args) => void ran.push(args.join(" ")));
  await removePreviews(["pr-5"], {}, async (args) => void ran.push(args.join(" ")));
  expect(ran).toEqual(["remove --stage pr-7"]);
  expect(fakes.printed()).toMatch(/Previews: pr-7, pr-8\. To remove: none\.\n$/);
});

test.each([[["production"]], [["pr-7", "pr-8"]], [["pr-x"]], [[""]]])("removing %j is rejected", async (args) => {
  const fakes = fakePrograms({ stacks: STACKS });
  await expect(removePreviews(args, {}, async () => {})).rejects.toThrow("is not the stage of a pull request");
  expect(fakes.calls()).toEqual([]);
});

test("nothing is removed unless the open pull requests can be listed", async () => {
  const ran: string[] = [];
  fakePrograms({ stacks: STACKS, refuse: ["gh api"] });
  const run = async (args: readonly string[]) => void ran.push(args.join(" "));
  await expect(removePreviews([], {}, run)).rejects.toThrow("GITHUB_REPOSITORY is not set");
  await expect(removePreviews([], { GITHUB_REPOSITORY: "a/b" }, run)).rejects.toThrow("gh api is refused");
  expect(ran).toEqual([]);
});
