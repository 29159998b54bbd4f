/**
 * `node lib/deploy/ci/remove-previews.ts [pr-N]`: removes the stage of a pull request, or without an argument those of all
 * closed ones: the stack and, if QDRANT_URL is set, the collections. Other stages are never touched.
 */

import { osls } from "#deploy/stack/osls.ts";
import { readSecret } from "#deploy/stack/secret.ts";
import { namesOf, pullRequestOf } from "#deploy/stack/stages.ts";
import { aws, outputOf, runCommand, say } from "./command.ts";
import { closedPreviews, previewsIn, type Remains } from "./previews.ts";
import { deleteCollection, listCollections, type QdrantServer } from "./qdrant-cleanup.ts";

/** Milliseconds. */
const LIMIT_MS = 20 * 60_000;
/** All previews share one secret. */
const { secret: SECRET } = namesOf("pr-1");

export async function removePreviews(
  args: readonly string[],
  { QDRANT_URL, GITHUB_REPOSITORY }: NodeJS.ProcessEnv,
  run: typeof osls = osls,
): Promise<void> {
  const [named, ...rest] = args;
  if (rest.length > 0 || (named !== undefined && pullRequestOf(named) === undefined)) {
    throw new Error(`"${[named, ...rest].join(" ")}" is not the stage of a pull request, such as pr-7`);
  }
  const failures: string[] = [];
  const attempt = <T>(what: string, work: () => Promise<T>): Promise<T | undefined> =>
    work().catch((error: unknown) => {
      failures.push(`${what}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    });

  const stacks = await listStacks();
  const qdrant = await attempt("collections", () => findQdrant(QDRANT_URL));
  const collections = qdrant && (await attempt("collections", () => listCollections(qdrant)));
  const previews = previewsIn(stacks, collections ?? []);
  // Listed last: a pull request that is opened meanwhile has nothing in the lists above.
  const chosen =
    named === undefined
      ? closedPreviews(previews, await openPullRequests(GITHUB_REPOSITORY))
      : previews.filter(({ stage }) => stage === named);
  say(`Previews: ${namesIn(previews)}. To remove: ${namesIn(chosen)}.`);
  for (const remains of chosen) await attempt(remains.stage, () => remove(remains, qdrant, run));
  if (failures.length > 0) throw new Error(`not everything was removed\n${failures.join("\n")}`);
}

/** Collections go after the functions, which would create them again; they go even if removing the stack fails. */
async function remove(
  { stage, hasStack, collections }: Remains,
  qdrant: QdrantServer | undefined,
  run: typeof osls,
): Promise<void> {
  const work = [
    ...(hasStack ? [() => run(["remove", "--stage", stage], LIMIT_MS)] : []),
    ...(qdrant ? collections.map((name) => () => deleteCollection(qdrant, name)) : []),
  ];
  const reasons: string[] = [];
  for (const part of work)
    await part().catch((error: unknown) => reasons.push(error instanceof Error ? error.message : String(error)));
  if (reasons.length > 0) throw new Error(reasons.join("; "));
  say(`${stage}: removed, with the collections ${collections.join(", ") || "none"}.`);
}

async function listStacks(): Promise<string[]> {
  const { StackSummaries } = await aws<{ StackSummaries: { StackName: string; StackStatus: string }[] }>(
    ...["cloudformation", "list-stacks"],
  );
  // Deleted stacks stay in the list for 90 days.
  return StackSummaries.filter(({ StackStatus }) => StackStatus !== "DELETE_COMPLETE").map(
    ({ StackName }) => StackName,
  );
}

async function findQdrant(url: string | undefined): Promise<QdrantServer | undefined> {
  if (url) return { url, apiKey: (await readSecret(SECRET)).QDRANT_API_KEY };
  say("QDRANT_URL is not set: collections are not removed.");
  return undefined;
}

async function openPullRequests(repository: string | undefined): Promise<number[]> {
  if (!repository) throw new Error("GITHUB_REPOSITORY is not set: which repository's pull requests are open?");
  const path = `repos/${repository}/pulls?state=open&per_page=100`;
  const numbers = await outputOf("gh", ["api", "--paginate", path, "--jq", ".[].number"]);
  return numbers.split("\n").filter(Boolean).map(Number);
}

function namesIn(previews: readonly Remains[]): string {
  return previews.map(({ stage }) => stage).join(", ") || "none";
}

if (import.meta.main) await runCommand("remove-previews", removePreviews);
