/**
 * `node lib/deploy/ci/comment.ts PULL_REQUEST FOLDER`: creates or updates the comment on a pull request about its preview.
 * FOLDER has the measurements, of which any may be missing: smoke.json, {base,head}-sizes.json, {base,head}-bench.json,
 * answers.json. Links come from STAGE, SHA, RUN_URL, URL, STREAM_URL, GRAFANA_URL and JAEGER_URL.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, outputOf, runCommand, say } from "./command.ts";
import { type Answers, type Bench, MARKER, previewComment, type Smoke } from "./preview-comment.ts";

/** The author of a workflow's comments. */
const AUTHOR = "github-actions[bot]";

export const comment: Command = async ([number = "", folder = "."], env) => {
  const { GITHUB_REPOSITORY: repository, STAGE, SHA, RUN_URL, URL, STREAM_URL, GRAFANA_URL, JAEGER_URL } = env;
  if (!/^[1-9]\d*$/.test(number)) throw new Error(`"${number}" is not the number of a pull request`);
  if (!repository) throw new Error("GITHUB_REPOSITORY is not set");
  const body = previewComment({
    ...{ stage: STAGE ?? `pr-${number}`, sha: SHA ?? "", runUrl: RUN_URL ?? "" },
    ...{ url: URL, streamUrl: STREAM_URL, grafanaUrl: GRAFANA_URL, jaegerUrl: JAEGER_URL },
    smoke: read<Smoke>(folder, "smoke.json"),
    sizes: { base: read(folder, "base-sizes.json"), head: read(folder, "head-sizes.json") },
    answers: read<Answers>(folder, "answers.json"),
    bench: { base: read<Bench>(folder, "base-bench.json"), head: read<Bench>(folder, "head-bench.json") },
  });
  await upsert(repository, number, body);
};

/** The content of a file; `undefined` when it is missing or incomplete. */
function read<T>(folder: string, file: string): T | undefined {
  const path = join(folder, file);
  try {
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;
  } catch {
    process.stderr.write(`comment: ${path} is not valid JSON, and is ignored\n`);
    return undefined;
  }
}

async function upsert(repository: string, number: string, body: string): Promise<void> {
  const list = `repos/${repository}/issues/${number}/comments`;
  const isOurs = `.user.login == "${AUTHOR}" and (.body | startswith("${MARKER}"))`;
  const found = await outputOf("gh", [
    "api",
    "--paginate",
    `${list}?per_page=100`,
    "--jq",
    `.[] | select(${isOurs}) | .id`,
  ]);
  const [id] = found.split("\n").filter(Boolean);
  const target = id === undefined ? list : `repos/${repository}/issues/comments/${id}`;
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-comment-"));
  try {
    const file = join(folder, "body.json");
    writeFileSync(file, JSON.stringify({ body }));
    await outputOf("gh", ["api", "--method", id === undefined ? "POST" : "PATCH", target, "--input", file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(`${id === undefined ? "Commented" : "Updated the comment"} on #${number}.`);
}

if (import.meta.main) await runCommand("comment", comment);
