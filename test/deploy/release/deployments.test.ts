import { expect, test } from "vitest";
import { deploymentsIn, nameAfter, superseded, timestampOf } from "#deploy/release/deployments.ts";

const folder = "serverless/edge-rag/staging";
const keyOf = (timestamp: number, file = "query.zip") =>
  `${folder}/${timestamp}-${new Date(timestamp).toISOString()}/${file}`;
const stored = (...timestamps: number[]) => deploymentsIn(timestamps.map((timestamp) => keyOf(timestamp)));
const timestamps = (found: readonly { timestamp: number }[]) => found.map(({ timestamp }) => timestamp);

test("deployments are grouped from their keys, the oldest first; what else is in the bucket is none", () => {
  const keys = [keyOf(9_000), keyOf(10_000), keyOf(9_000, "template.json"), `${folder}/packaged/query.zip`, "x.json"];
  expect(deploymentsIn(keys)).toEqual([
    { timestamp: 9_000, keys: [keyOf(9_000), keyOf(9_000, "template.json")] },
    { timestamp: 10_000, keys: [keyOf(10_000)] },
  ]);
});

test.each([
  ["the time of the deployment", [1_000, 2_000], 3_000, 3_000],
  ["later than one in the same millisecond", [1_000, 3_000], 3_000, 3_001],
  ["later than all others when the clock is behind", [1_000, 9_000], 3_000, 9_001],
  ["the time when there is none", [], 3_000, 3_000],
])("a deployment is named by %s", (_what, others, now, expected) => {
  const name = nameAfter(stored(...others), now);
  expect(name).toBe(`${expected}-${new Date(expected).toISOString()}`);
  expect(timestampOf(`${folder}/${name}/query.zip`)).toBe(expected);
});

test.each<[what: string, others: number[], before: number | undefined, removed: number[]]>([
  ["up to five in all stay", [1, 2, 3, 4], 4, []],
  ["the oldest that ran goes", [1, 2, 3, 4, 5, 6], 6, [1, 2]],
  ["what was rolled back goes, and nothing that ran", [1, 2, 3, 7, 8, 9, 10, 11], 3, [7, 8, 9, 10, 11]],
  ["both go", [1, 2, 3, 4, 5, 6, 7], 6, [1, 2, 7]],
  ["what failed before there was any goes", [1, 2], undefined, [1, 2]],
  ["what ran before is not counted when its files are gone", [1, 2, 3], 2.5, [3]],
])("after a deployment, %s", (_what, others, before, removed) => {
  expect(timestamps(superseded(stored(...others), before))).toEqual(removed);
});
