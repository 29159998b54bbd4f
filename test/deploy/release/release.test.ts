import { expect, test } from "vitest";
import { release } from "#deploy/release/release.ts";

interface Given {
  before?: number;
  packaged?: number;
  /** Whether each smoke test is green, the first one first. */
  smokes: boolean[];
  missing?: string[];
  /** Why files cannot be removed. */
  refusal?: string;
}

/** A stage that simulates a release. */
function stage({ before, packaged = 200, smokes, missing = [], refusal }: Given) {
  const done: string[] = [];
  let runs = before;
  const steps = {
    running: async () => runs,
    missing: async () => missing,
    deploy: async () => {
      done.push("deploy");
      runs = packaged;
    },
    rollBack: async (timestamp: number) => {
      done.push(`roll back to ${timestamp}`);
      runs = timestamp;
    },
    remove: async (timestamp: number) => {
      done.push(`remove ${timestamp} while ${runs} runs`);
      if (refusal) throw new Error(refusal);
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

const RED = ["deploy", "smoke", "pause", "smoke"];
const BACK = [...RED, "roll back to 100", "remove 200 while 100 runs", "smoke"];

test.each<[what: string, given: Given, outcome: string, done: string[]]>([
  ["a green test keeps the deployment", { before: 100, smokes: [true] }, "released", ["deploy", "smoke"]],
  ["one red test is tried again", { before: 100, smokes: [false, true] }, "released", RED],
  [
    "two red tests lead back to what ran before, which is tested as well, and the red one is removed",
    { before: 100, smokes: [false, false, true] },
    "rolled back",
    BACK,
  ],
  ["a rollback that does not help is reported", { before: 100, smokes: [] }, "broken", BACK],
  ["the first deployment has none before it, and stays", { smokes: [] }, "broken", RED],
  ["what runs is never removed", { before: 200, smokes: [] }, "broken", RED],
  [
    "it is still a rollback when files remain",
    { before: 100, smokes: [false, false, true], refusal: "no" },
    "rolled back",
    BACK,
  ],
])("%s", async (_what, given, outcome, done) => {
  const simulated = stage(given);
  expect(await simulated.outcome()).toBe(outcome);
  expect(simulated.done).toEqual(done);
});

test("nothing is deployed when what runs could not be restored", async () => {
  const simulated = stage({ before: 100, smokes: [true], missing: ["a/query.zip", "a/embed.zip"] });
  await expect(simulated.outcome()).rejects.toThrow(
    /nothing was deployed: .* deployment 100 could not be restored.*\(a\/query\.zip and 1 more\)\. Deploy with/,
  );
  expect(simulated.done).toEqual([]);
});

test("a release reports its steps and why it stops", async () => {
  const broken = stage({ before: 100, smokes: [], refusal: "access denied" });
  await broken.outcome();
  expect(broken.lines).toEqual([
    "Deployment 100 is running.",
    "The smoke test failed; repeating it once, in case it was the network.",
    "Rolling back to deployment 100.",
    "The files of deployment 200 remain in the stack's bucket until the next deployment: access denied",
    "Rolled back, but the smoke test still fails: check the services; or deployment 100 is at fault too, if it was never tested.",
  ]);
  const first = stage({ smokes: [] });
  await first.outcome();
  expect(first.lines.at(-1)).toMatch(/first deployment: there is none to roll back to/);
  const same = stage({ before: 200, smokes: [] });
  await same.outcome();
  expect(same.lines.at(-1)).toBe("Deployment 200 is still running: there is none to roll back to.");
});
