import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resourceAttributes } from "#telemetry/sdk/resource.ts";
import { VERSION } from "#telemetry/sdk/version.ts";

const LAMBDA = {
  provider: "aws",
  name: "aws_lambda",
  region: "eu-central-1",
  functionName: "edge-rag-prod-query",
  functionVersion: "$LATEST",
  instance: "2026/11/22/[$LATEST]0123",
  memoryMiB: 512,
};

test("the resource has the platform's attributes, by the names of the conventions", () => {
  expect(resourceAttributes({ serviceName: "edge-rag", resourceAttributes: {}, platform: LAMBDA }, "id-1")).toEqual({
    "service.name": "edge-rag",
    "service.version": VERSION,
    "service.instance.id": "id-1",
    "cloud.provider": "aws",
    "cloud.platform": "aws_lambda",
    "cloud.region": "eu-central-1",
    "faas.name": "edge-rag-prod-query",
    "faas.version": "$LATEST",
    "faas.instance": "2026/11/22/[$LATEST]0123",
    "faas.max_memory": 536_870_912,
  });
});

test("unknown attributes are absent", () => {
  const platform = { region: undefined, functionName: "" };
  expect(resourceAttributes({ serviceName: "edge-rag", resourceAttributes: {}, platform }, "id-1")).toEqual({
    "service.name": "edge-rag",
    "service.version": VERSION,
    "service.instance.id": "id-1",
  });
});

test("configured attributes override the platform's, and the service name overrides both", () => {
  const given = { "service.name": "other", "service.version": "1.2.3", "cloud.region": "on-premises" };
  const attributes = resourceAttributes(
    { serviceName: "edge-rag", resourceAttributes: given, platform: LAMBDA },
    "id-1",
  );
  expect(attributes).toMatchObject({
    "service.name": "edge-rag",
    "service.version": "1.2.3",
    "cloud.region": "on-premises",
  });
});

test("the version is that of package.json", () => {
  const packageJson = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  expect(VERSION).toBe(JSON.parse(packageJson).version);
});
