import { expect, test } from "vitest";
import { closedPreviews, previewsIn } from "#deploy/ci/previews.ts";
import { packageSettings } from "#deploy/ci/settings.ts";
import { namesOf, pullRequestOf } from "#deploy/stack/stages.ts";

test("previews are found in stacks and collections, and nothing else is taken for one", () => {
  const others = [
    ...["edge-rag-production", "edge-rag-staging", "edge-rag-dev", "edge-rag", "edge-rag-pr-", "edge-rag-pr-0"],
    ...["edge-rag-pr-01", "edge-rag-pr-7x", "edge-rag-pr-7-old", "edge-rag-pr-x", "other-pr-7", "my-edge-rag-pr-7"],
    ...[
      "edge-rag-pr--7",
      "edge-rag-pr-7\n",
      "EDGE-RAG-PR-7",
      "edge-rag-preview",
      "edge-rag-pr-7_v",
      "edge-rag-pr-7_vx",
    ],
  ];
  expect(previewsIn(others, [...others, "edge-rag_v1", "edge-rag-staging_v2"])).toEqual([]);
  expect(
    previewsIn(
      [...others, "edge-rag-pr-7", "edge-rag-pr-12", "edge-rag-pr-9_v1"],
      [...others, "edge-rag-pr-7_v1", "edge-rag-pr-7_v12", "edge-rag-pr-30"],
    ),
  ).toEqual([
    { stage: "pr-7", hasStack: true, collections: ["edge-rag-pr-7_v1", "edge-rag-pr-7_v12"] },
    { stage: "pr-12", hasStack: true, collections: [] },
    { stage: "pr-30", hasStack: false, collections: ["edge-rag-pr-30"] },
  ]);
});

test("the previews to remove are those of closed pull requests", () => {
  const remains = (stage: string) => ({ stage, hasStack: true, collections: [] });
  const stages = ["pr-7", "pr-70", "pr-12", "production", "staging"].map(remains);
  expect(closedPreviews(stages, [7, 99]).map(({ stage }) => stage)).toEqual(["pr-70", "pr-12"]);
});

test("a stage has its names; an invalid stage throws", () => {
  expect(namesOf("pr-7")).toEqual({ stack: "edge-rag-pr-7", secret: "edge-rag/preview", collection: "edge-rag-pr-7" });
  expect(namesOf("staging").secret).toBe("edge-rag/staging");
  for (const stage of ["", "PR-7", "pr-7;ls", "pr 7", "--help", "7", "a/b", "a".repeat(31)]) {
    expect(() => namesOf(stage), stage).toThrow("is not a stage");
  }
  expect(["pr-7", "pr-07", "pr-", "production", "xpr-7"].map(pullRequestOf)).toEqual([7, ...Array(4).fill(undefined)]);
});

test("a package takes its settings from the variables, without secrets; a preview gets its own collection", () => {
  const variables = {
    ...{ QDRANT_URL: "https://qdrant.test", QDRANT_COLLECTION: "shared", RAG_XRAY: "true", AWS_ROLE_ARN: "arn:aws:x" },
    ...{ QDRANT_API_KEY: "secret", PREVIEWS: "true", NODE_OPTIONS: "--require evil" },
  };
  const common = { QDRANT_URL: "https://qdrant.test", RAG_XRAY: "true" };
  expect(packageSettings(variables, "staging")).toEqual({ ...common, QDRANT_COLLECTION: "shared" });
  expect(packageSettings(variables, "pr-7")).toEqual({ ...common, QDRANT_COLLECTION: "edge-rag-pr-7" });
  expect(packageSettings({}, "pr-7")).toEqual({});
});
