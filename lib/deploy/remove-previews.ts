/**
 * `node lib/deploy/remove-previews.ts [pr-N]`: removes the stage of a pull request, or without one those of all that are
 * closed; with its collection, when QDRANT_URL is set. It touches no other stage.
 */
import { parseArgs } from "node:util";
import { aws, outputOf, runCommand, say } from "./command.ts";
import { osls } from "./osls.ts";
import { deleteCollections } from "./qdrant-cleanup.ts";
import { readSecret } from "./secret.ts";
import { namesOf, previewOf, pullRequestOf } from "./stages.ts";
import { closedPreviews } from "./sweep.ts";

/** Milliseconds. */
const LIMIT_MS = 20 * 60_000;

await runCommand("remove-previews", async () => {
  const [named, ...rest] = parseArgs({ allowPositionals: true }).positionals;
  if (rest.length > 0 || (named !== undefined && pullRequestOf(named) === undefined)) {
    throw new Error(`"${[named, ...rest].join(" ")}" is not the stage of a pull request, such as pr-7`);
  }
  const deployed = await previews();
  // Asked for after the stacks: a pull request that is opened in between has none among them.
  const stages = named === undefined ? closedPreviews(deployed, await openPullRequests()) : [named];
  say(`Previews deployed: ${deployed.join(", ") || "none"}. To remove: ${stages.join(", ") || "none"}.`);

  const failures: string[] = [];
  for (const stage of stages) {
    try {
      await remove(stage, deployed.includes(stage));
    } catch (error) {
      failures.push(`${stage}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (failures.length > 0) throw new Error(`not all is removed:\n${failures.join("\n")}`);
});

async function remove(stage: string, isDeployed: boolean): Promise<void> {
  const { secret, collection } = namesOf(stage);
  if (isDeployed) await osls(["remove", "--stage", stage], LIMIT_MS);
  const { QDRANT_URL: url } = process.env;
  if (!url) return say(`${stage}: removed; its collection is left, as QDRANT_URL is not set.`);
  const { QDRANT_API_KEY: apiKey } = await readSecret(secret);
  const collections = await deleteCollections({ url, apiKey }, collection);
  say(`${stage}: removed, with the collections ${collections.join(", ") || "none"}.`);
}

/** Stages of pull requests that have a stack. */
async function previews(): Promise<string[]> {
  const { StackSummaries } = await aws<{ StackSummaries: { StackName: string; StackStatus: string }[] }>(
    ...["cloudformation", "list-stacks"],
  );
  return StackSummaries.filter(({ StackStatus }) => StackStatus !== "DELETE_COMPLETE").flatMap(
    ({ StackName }) => previewOf(StackName) ?? [],
  );
}

async function openPullRequests(): Promise<number[]> {
  const { GITHUB_REPOSITORY } = process.env;
  if (!GITHUB_REPOSITORY) throw new Error("GITHUB_REPOSITORY is not set: which repository's pull requests are open?");
  const path = `repos/${GITHUB_REPOSITORY}/pulls?state=open&per_page=100`;
  const numbers = await outputOf("gh", ["api", "--paginate", path, "--jq", ".[].number"]);
  return numbers.split("\n").filter(Boolean).map(Number);
}
