import { expect, onTestFinished, test, vi } from "vitest";
import { namesOf } from "#deploy/stack/stages.ts";

const DECLARED = {
  service: "docs",
  params: {
    default: { secret: `\${self:service}/preview` },
    qa: { secret: `team/\${self:service}-\${sls:stage}` },
    bare: null,
    Upper: { secret: "x" },
  },
};

test("the stages of serverless.yml have their own secret, pull requests share one", () => {
  expect(namesOf("production")).toEqual({
    ...{ stack: "edge-rag-production", secret: "edge-rag/production", collection: "edge-rag-production" },
  });
  expect(namesOf("dev").secret).toBe("edge-rag/dev");
  expect(namesOf("pr-12").secret).toBe("edge-rag/preview");
});

test("another stage is one when it is added to serverless.yml", () => {
  expect(namesOf("qa", DECLARED)).toEqual({ stack: "docs-qa", secret: "team/docs-qa", collection: "docs-qa" });
});

test.each(["prod", "default", "pr-0", "constructor", ""])(
  "%j is not a stage, and the error says which are, and how to add one",
  (stage) => {
    expect(() => namesOf(stage)).toThrow(
      `"${stage}" is not a stage: serverless.yml has dev, staging, production, and pr-N for pull requests. ` +
        "To add one, give it an entry with a secret of its own under params.",
    );
  },
);

test("a stage without a secret, or with a name that AWS would not take everywhere, is refused", () => {
  expect(() => namesOf("bare", DECLARED)).toThrow("the stage bare has no secret: add one under params.bare");
  expect(() => namesOf("Upper", DECLARED)).toThrow("must be lower-case letters, digits and hyphens");
});

test("RAG_SECRET goes before the secret of serverless.yml", () => {
  vi.stubEnv("RAG_SECRET", "mine");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(namesOf("staging").secret).toBe("mine");
  expect(namesOf("bare", DECLARED).secret).toBe("mine");
});
