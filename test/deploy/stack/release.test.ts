import { expect, test } from "vitest";
import { release } from "#deploy/stack/release.ts";
import { timestampIn } from "#deploy/stack/stack.ts";

/**
 * A stage that simulates a release.
 *
 * @param smokes whether each smoke test is green, the first one first
 */
function stage({ before, packaged = "200", smokes }: { before?: string; packaged?: string; smokes: boolean[] }) {
  const done: string[] = [];
  let runs = before;
  const steps = {
    deployed: async () => runs,
    deploy: async () => {
      done.push("deploy");
      runs = packaged;
    },
    rollBack: async (timestamp: string) => {
      done.push(`roll back to ${timestamp}`);
      runs = timestamp;
    },
    smoke: async () => {
      done.push("smoke");
      return smokes.shift() ?? false;
    },
    pause: async () => void done.push("pause"),
  };
  const lines: string[] = [];
  return { done, lines, outcome: () => release(steps, (line) => lines.push(line)) };
}

test.each<[what: string, given: Parameters<typeof stage>[0], outcome: string, done: string[]]>([
  ["a green test keeps the deployment", { before: "100", smokes: [true] }, "released", ["deploy", "smoke"]],
  [
    "one red test is tried again",
    { before: "100", smokes: [false, true] },
    "released",
    ["deploy", "smoke", "pause", "smoke"],
  ],
  [
    "two red tests lead back to what ran before, which is tested as well",
    { before: "100", smokes: [false, false, true] },
    "rolled back",
    ["deploy", "smoke", "pause", "smoke", "roll back to 100", "smoke"],
  ],
  [
    "a rollback that does not help is reported",
    { before: "100", smokes: [] },
    "broken",
    ["deploy", "smoke", "pause", "smoke", "roll back to 100", "smoke"],
  ],
  ["the first deployment has none before it", { smokes: [] }, "broken", ["deploy", "smoke", "pause", "smoke"]],
  [
    "the same deployment again is none to go back to",
    { before: "200", smokes: [] },
    "broken",
    ["deploy", "smoke", "pause", "smoke"],
  ],
])("%s", async (_what, given, outcome, done) => {
  const simulated = stage(given);
  expect(await simulated.outcome()).toBe(outcome);
  expect(simulated.done).toEqual(done);
});

test("a release reports its steps and why it stops", async () => {
  const broken = stage({ before: "100", smokes: [] });
  await broken.outcome();
  expect(broken.lines).toEqual([
    "Deployment 100 is running.",
    "The smoke test failed; repeating it once, in case it was the network.",
    "Rolling back to deployment 100.",
    "Rolled back, but the smoke test still fails: check the services, the deployment was not the only cause.",
  ]);
  const first = stage({ smokes: [] });
  await first.outcome();
  expect(first.lines.at(-1)).toMatch(/first deployment: there is none to roll back to/);
});

test("the current deployment is read from the S3 keys of the functions' code", () => {
  const code = (S3Key: string) => ({ Type: "AWS::Lambda::Function", Properties: { Code: { S3Key } } });
  const S3Key = "serverless/edge-rag/staging/1795577816000-2026-11-25T03:36:56.000Z/query-93623d58e412.zip";
  const layer = { Type: "AWS::Lambda::LayerVersion", Properties: { Code: { S3Key: "a/1-x/y.zip" } } };
  expect(timestampIn({ Resources: { bucket: { Type: "AWS::S3::Bucket" }, layer, query: code(S3Key) } })).toBe(
    "1795577816000",
  );
  expect(timestampIn({ Resources: { query: code("elsewhere/query.zip") } })).toBeUndefined();
  expect(timestampIn({})).toBeUndefined();
});
