import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MARKER } from "#deploy/ci/preview-comment.ts";
import { startQdrantServer } from "../../support/qdrant-server.ts";
import { type Fault, KEY, startTarget } from "../smoke/_target.ts";
import { createCheckout, type State } from "./_checkout.ts";
import { runJob } from "./_workflow.ts";

const NUMBER = { "github.event.pull_request.number": "7" };
const SECRETS = {
  "edge-rag/preview": JSON.stringify({ RAG_SMOKE_KEY: KEY, OPENAI_API_KEY: "sk-1", QDRANT_API_KEY: "q" }),
  "edge-rag/staging": JSON.stringify({ RAG_SMOKE_KEY: KEY }),
  "edge-rag/production": JSON.stringify({ RAG_SMOKE_KEY: KEY }),
};

/** A stage that answers at the app, and a checkout that deploys to it. */
async function deployment(state: State, fault?: Fault) {
  const target = await startTarget({ keys: true, ...(fault && { fault }) });
  const checkout = createCheckout({ urls: { api: target.url, stream: target.url }, secrets: SECRETS, ...state });
  return { target, checkout };
}

test("preview: a stage is deployed and tested, and the key is in no log", async () => {
  const { checkout, target } = await deployment({ packaged: "200" });
  const { code, log, outputs } = await runJob(checkout, "preview.yml", "deploy", NUMBER);
  expect(code, log).toBe(0);
  expect(checkout.calls()[0]).toBe("osls deploy --stage pr-7 --package .serverless");
  expect(outputs).toEqual({ url: target.url, stream_url: target.url });
  expect(log).toContain(`::add-mask::${KEY}\n`);
  expect(log.replace(`::add-mask::${KEY}`, "")).not.toContain(KEY);
  expect(log).not.toContain("sk-1");
  expect(log).toContain("cited first of 2");
  const smoke = JSON.parse(readFileSync(join(checkout.folder, "measured/smoke.json"), "utf8"));
  expect(smoke).toMatchObject({ url: target.url, ok: true });
});

test("preview: a failed smoke test fails the job, and the comment has its report", async () => {
  const { checkout } = await deployment({ packaged: "200" }, (request, ask) =>
    request.url.endsWith("/query") ? new Response("", { status: 500 }) : ask(),
  );
  const { code, log } = await runJob(checkout, "preview.yml", "deploy", NUMBER);
  expect(code).toBe(1);
  expect(log).toMatch(/✗ query .* expected 200; got 500/);
  expect(JSON.parse(readFileSync(join(checkout.folder, "measured/smoke.json"), "utf8"))).toMatchObject({ ok: false });
});

test("preview: the package has its own collection, a permissions boundary and no secret", async () => {
  const checkout = createCheckout();
  const vars = { QDRANT_URL: "https://qdrant.test", OPENAI_API_KEY: "sk-1", AWS_ROLE_ARN: "arn:aws:x" };
  const { code, log } = await runJob(checkout, "preview.yml", "build", {
    ...NUMBER,
    "toJSON(vars)": JSON.stringify(vars),
    "vars.PERMISSIONS_BOUNDARY": "arn:aws:iam::123456789012:policy/limits",
  });
  expect(code, log).toBe(0);
  expect(checkout.calls()).toEqual(["osls package --stage pr-7"]);
  expect(checkout.state().boundary).toBe("arn:aws:iam::123456789012:policy/limits");
  expect(readFileSync(join(checkout.folder, "GITHUB_ENV"), "utf8")).toBe(
    "QDRANT_URL=https://qdrant.test\nQDRANT_COLLECTION=edge-rag-pr-7\n",
  );
});

test.each([
  ["true", "comes from a fork"],
  ["false", "PREVIEWS is not true"],
])("preview: the reason for its absence is reported (fork: %s)", async (isFork, why) => {
  const expression = "github.event.pull_request.head.repo.full_name != github.repository";
  const { code, log, summary } = await runJob(createCheckout(), "preview.yml", "notice", {
    ...NUMBER,
    [expression]: isFork,
  });
  expect(code).toBe(0);
  expect(log).toContain("::notice title=No preview::");
  expect(summary).toContain(why);
});

const COMMENT = {
  ...NUMBER,
  ...{
    "github.token": "t",
    "github.event.pull_request.head.sha": "0123456789",
    "github.server_url": "https://git.test",
  },
  ...{ "github.repository": "someone/edge-rag", "github.run_id": "1", "vars.GRAFANA_URL": "", "vars.JAEGER_URL": "" },
  ...{ "needs.deploy.outputs.url": "https://api.test", "needs.deploy.outputs.stream_url": "" },
};

test("preview: its one comment is updated, and others' comments are not touched", async () => {
  const others = [
    { id: 1, login: "someone", body: `${MARKER} quoted` },
    { id: 2, login: "github-actions[bot]", body: "Another workflow's" },
  ];
  const checkout = createCheckout({ comments: others });
  const measured = join(checkout.folder, "measured");
  mkdirSync(measured);
  writeFileSync(join(measured, "head-sizes.json"), '{"query":158000}');
  writeFileSync(join(measured, "base-sizes.json"), '{"query":157000}');
  writeFileSync(join(measured, "base-bench.json"), "half of a");
  const first = await runJob(checkout, "preview.yml", "comment", COMMENT);
  expect(first.code, first.log).toBe(0);
  expect(first.log).toContain("base-bench.json is not valid JSON, and is ignored");
  const { comments = [] } = checkout.state();
  expect(comments.slice(0, 2)).toEqual(others);
  expect(comments[2]?.body).toContain("| `query` | 157.0 KB | 158.0 KB | +1.0 KB (+0.6 %) |");

  const second = await runJob(checkout, "preview.yml", "comment", { ...COMMENT, "needs.deploy.outputs.url": "" });
  expect(second.log).toContain("Updated the comment on #7.");
  expect(checkout.state().comments).toHaveLength(3);
  expect(checkout.state().comments?.[2]?.body).toContain("[the run](https://git.test/someone/edge-rag/actions/runs/1)");
});

const BENCH = JSON.stringify({ part: "coldstart", tables: {} });
const MEASURES = ["Measure the zips", "Measure cold starts"];

/** Files that stand in for what is measured: a package of one zip, and a benchmark that misses its goals. */
function playMeasured(folder: string, script: string): void {
  const bench = `console.log(${JSON.stringify(BENCH)}); process.exitCode = 1;`;
  for (const [file, text] of Object.entries({
    "package.json": JSON.stringify({ scripts: { package: script, bench: "node test/tools/bench/main.ts" } }),
    ...{ "test/tools/bench/main.ts": bench, "test/tools/bench/setup.ts": "", "test/tools/lambda/setup.ts": "" },
    ...{ "test/tools/bench/peers/package-lock.json": "{}", "test/tools/bench/peers/node_modules/x": "" },
    ...{ "test/tools/lambda/runtime/package-lock.json": "{}", "test/tools/lambda/runtime/node_modules/x": "" },
  })) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

const zipOf = (bytes: number) =>
  `mkdir .serverless && head -c ${bytes} /dev/zero > .serverless/query-0123456789ab.zip && true`;

test.each([
  ["beside that of the base", zipOf(1_000), 1_000],
  ["alone where the base cannot be packaged", "false", undefined],
])("preview: size and cold start are measured, %s", async (_what, base, bytes) => {
  const checkout = createCheckout();
  playMeasured(checkout.folder, zipOf(1_500));
  playMeasured(join(checkout.folder, "base"), base);
  const { code, log } = await runJob(checkout, "preview.yml", "measure", NUMBER, MEASURES);
  expect(code, log).toBe(0);
  const measured = (file: string) => {
    const path = join(checkout.folder, "measured", file);
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  };
  expect(measured("head-sizes.json")).toEqual({ query: 1_500 });
  expect(measured("base-sizes.json")).toEqual(bytes && { query: bytes });
  expect(measured("head-bench.json")).toEqual(JSON.parse(BENCH));
  expect(measured("base-bench.json")).toEqual(JSON.parse(BENCH));
  expect(log).toContain("::notice::The benchmark's goals were missed, or it did not run, at the head.");
  expect(log.includes("::notice::The base could not be packaged")).toBe(bytes === undefined);
});

test.each([
  ["found worse than the base's", "process.exit(2)", "the base"],
  ["not compared where the base has none", "process.exit(0)", "nothing"],
])("preview: answers are measured on both sides, and %s", async (_what, compared, base) => {
  const checkout = createCheckout();
  // Saves its arguments; that of `--compare` comes to a verdict.
  const script = `import { writeFileSync } from "node:fs";
    const args = process.argv.slice(2);
    writeFileSync(args.at(-1), JSON.stringify(args));
    if (args[0] === "--compare") ${compared};`;
  const failing = "process.exit(1)";
  for (const [folder, text] of [
    ["", script],
    ["base", base === "nothing" ? failing : script],
  ] as const) {
    const path = join(checkout.folder, folder, "test/tools/eval/main.ts");
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    writeFileSync(
      join(checkout.folder, folder, "package.json"),
      JSON.stringify({ type: "module", scripts: { eval: "node test/tools/eval/main.ts" } }),
    );
  }
  mkdirSync(join(checkout.folder, "measured"));
  const { code, log } = await runJob(checkout, "preview.yml", "measure", NUMBER, ["Compare the answers"]);
  expect(code, log).toBe(0);
  expect(log).toContain("::notice::Answers are worse than at the base, or there is nothing to compare");
  const saved = join(checkout.folder, "measured/answers.json");
  expect(existsSync(saved)).toBe(base !== "nothing");
  if (base === "nothing") return;
  const args = ["--compare", "answers/base.json", "answers/head.json", "--save", "measured/answers.json"];
  expect(JSON.parse(readFileSync(saved, "utf8"))).toEqual(args);
});

const STACKS = {
  ...{ "edge-rag-pr-7": "UPDATE_COMPLETE", "edge-rag-pr-8": "CREATE_COMPLETE", "edge-rag-pr-9": "ROLLBACK_COMPLETE" },
  ...{
    "edge-rag-pr-5": "DELETE_COMPLETE",
    "edge-rag-production": "UPDATE_COMPLETE",
    "edge-rag-staging": "UPDATE_COMPLETE",
  },
};

async function qdrant(...collections: string[]) {
  const server = await startQdrantServer({ apiKey: "q" });
  for (const name of collections) {
    const body = JSON.stringify({ vectors: { size: 2, distance: "Cosine" } });
    await fetch(`${server.url}/collections/${name}`, { method: "PUT", headers: { "api-key": "q" }, body });
  }
  return server;
}

test("preview: closing the pull request removes its stack and collections, and no others", async () => {
  const { url, collections, close } = await qdrant(
    "edge-rag-pr-7_v1",
    "edge-rag-pr-7_v2",
    "edge-rag-pr-70_v1",
    "edge-rag_v1",
  );
  const checkout = createCheckout({ stacks: STACKS, secrets: SECRETS });
  const { code, log } = await runJob(checkout, "preview.yml", "remove", { ...NUMBER, "vars.QDRANT_URL": url });
  await close();
  expect(code, log).toBe(0);
  expect(checkout.calls().filter((call) => call.startsWith("osls"))).toEqual(["osls remove --stage pr-7"]);
  expect([...collections.keys()]).toEqual(["edge-rag-pr-70_v1", "edge-rag_v1"]);
});

test("sweep: previews of closed pull requests are removed; open ones and other stages stay", async () => {
  const { url, collections, close } = await qdrant("edge-rag-pr-8_v1", "edge-rag-pr-3_v1", "edge-rag-production_v1");
  const checkout = createCheckout({ stacks: STACKS, secrets: SECRETS, pulls: [8, 12] });
  const { code, log, summary } = await runJob(checkout, "sweep.yml", "sweep", {
    "github.token": "t",
    "vars.QDRANT_URL": url,
  });
  await close();
  expect(code, log).toBe(0);
  expect(checkout.calls().filter((call) => call.startsWith("osls"))).toEqual([
    "osls remove --stage pr-7",
    "osls remove --stage pr-9",
  ]);
  expect([...collections.keys()]).toEqual(["edge-rag-pr-8_v1", "edge-rag-production_v1"]);
  expect(summary).toContain("Previews: pr-7, pr-8, pr-9, pr-3. To remove: pr-7, pr-9, pr-3.");
});

test("sweep: nothing is removed when the open pull requests cannot be listed", async () => {
  const checkout = createCheckout({ stacks: STACKS, refuse: ["gh api"] });
  const { code, log } = await runJob(checkout, "sweep.yml", "sweep", { "github.token": "t", "vars.QDRANT_URL": "" });
  expect(code).toBe(1);
  expect(log).toMatch(/remove-previews: gh api --paginate failed: gh api is refused/);
  expect(checkout.calls().filter((call) => call.startsWith("osls"))).toEqual([]);
});

test("sweep: a failed removal or an unreachable Qdrant does not stop the other removals", async () => {
  const checkout = createCheckout({
    stacks: STACKS,
    secrets: SECRETS,
    pulls: [],
    refuse: ["osls remove --stage pr-7"],
  });
  const values = { "github.token": "t", "vars.QDRANT_URL": "http://127.0.0.1:1" };
  const { code, log } = await runJob(checkout, "sweep.yml", "sweep", values);
  expect(code).toBe(1);
  expect(log).toMatch(
    /not everything was removed\ncollections: Qdrant: GET \/collections got no response[^\n]*\npr-7: "serverless remove/,
  );
  expect(checkout.state().stacks).toMatchObject({
    "edge-rag-pr-8": "DELETE_COMPLETE",
    "edge-rag-pr-9": "DELETE_COMPLETE",
  });
});
