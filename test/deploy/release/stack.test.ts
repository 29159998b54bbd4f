import { expect, onTestFinished, test, vi } from "vitest";
import { deleteCollection, listCollections, rootOf } from "#deploy/ci/qdrant-cleanup.ts";
import { missingFiles, removeDeployment, runningDeployment, urlsOf } from "#deploy/release/stack.ts";
import { readSecret } from "#deploy/stack/secret.ts";
import { startQdrantServer } from "../../support/qdrant-server.ts";
import { createCheckout, type State } from "../ci/_checkout.ts";

/** From here on `aws` is a fake. */
function fakeAws(state: State) {
  const checkout = createCheckout(state);
  for (const [name, value] of Object.entries(checkout.env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return checkout;
}

test("a stage's URLs are outputs of its stack, without a slash at the end", async () => {
  fakeAws({ urls: { api: "https://api.test", stream: "https://stream.test" } });
  expect(await urlsOf("edge-rag-pr-7")).toEqual({ url: "https://api.test", streamUrl: "https://stream.test" });
});

test("answers stream from the REST API of a stack that has one", async () => {
  fakeAws({ urls: { api: "https://api.test", rest: "https://rest.test/stream" } });
  expect(await urlsOf("edge-rag-pr-7")).toMatchObject({ streamUrl: "https://rest.test/stream" });
});

test("a stack without URLs throws an error that lists its outputs", async () => {
  fakeAws({ urls: { api: "", stream: "" } });
  await expect(urlsOf("edge-rag-pr-7")).rejects.toThrow(
    "the stack edge-rag-pr-7 has no URLs among its outputs: HttpApiUrl, StreamLambdaFunctionUrl",
  );
});

test("the running deployment is found, or undefined when there is none; an error is thrown", async () => {
  fakeAws({ deployed: "1795577816000" });
  expect((await runningDeployment("edge-rag-staging"))?.timestamp).toBe(1795577816000);
  fakeAws({});
  expect(await runningDeployment("edge-rag-staging")).toBeUndefined();
  fakeAws({ refuse: ["aws cloudformation get-template"] });
  await expect(runningDeployment("edge-rag-staging")).rejects.toThrow(
    "aws cloudformation get-template failed: aws cloudformation get-template is refused",
  );
});

const keyOf = (deployed: string, file: string) =>
  `serverless/edge-rag/stage/${deployed}-${new Date(Number(deployed)).toISOString()}/${file}`;
const CODE = "query-0123456789ab.zip";
const TEMPLATE = "compiled-cloudformation-template.json";

test.each([
  ["nothing", [CODE, TEMPLATE], []],
  ["a zip file", [TEMPLATE], [CODE]],
  ["the template", [CODE], [TEMPLATE]],
  ["everything", [], [CODE, TEMPLATE]],
])("the bucket lacks %s of what a rollback to the running deployment needs", async (_what, stored, missing) => {
  fakeAws({ deployed: "2000", stored: stored.map((file) => keyOf("2000", file)) });
  expect(await missingFiles("edge-rag-staging")).toEqual(missing.map((file) => keyOf("2000", file)));
});

test("a deployment's files are removed, and no others; those of the one that runs are not", async () => {
  const red = [keyOf("3000", CODE), keyOf("3000", TEMPLATE)];
  const good = [keyOf("2000", CODE), keyOf("2000", TEMPLATE)];
  const { state } = fakeAws({ deployed: "2000", stored: [...good, ...red] });
  await removeDeployment("edge-rag-staging", 3000);
  expect(state().stored).toEqual(good);
  await removeDeployment("edge-rag-staging", 3000);
  await expect(removeDeployment("edge-rag-staging", 2000)).rejects.toThrow("deployment 2000 is running");
  expect(state().stored).toEqual(good);
});

test("a file that cannot be removed is named", async () => {
  const stored = [keyOf("3000", CODE)];
  fakeAws({ deployed: "2000", stored, locked: stored });
  await expect(removeDeployment("edge-rag-staging", 3000)).rejects.toThrow(`${stored[0]}: Access Denied`);
});

test("a program that is not installed is named", async () => {
  fakeAws({});
  vi.stubEnv("PATH", "/nowhere");
  await expect(urlsOf("edge-rag-pr-7")).rejects.toThrow(
    "aws cloudformation describe-stacks failed: it is not installed",
  );
});

test("a secret is read; an error for invalid JSON shows no part of it", async () => {
  fakeAws({ secrets: { "edge-rag/preview": '{"A":"1"}', "edge-rag/staging": "sk-very-secret" } });
  expect(await readSecret("edge-rag/preview")).toEqual({ A: "1" });
  const error = await readSecret("edge-rag/staging").catch((thrown: Error) => thrown);
  expect(String(error)).toContain("the secret edge-rag/staging is not valid JSON");
  expect(String(error)).not.toContain("very");
});

test("collections are listed and deleted, and Qdrant's errors are thrown", async () => {
  const { url, collections, close } = await startQdrantServer({ apiKey: "q" });
  const server = { url: `${url}/`, apiKey: "q" };
  const body = JSON.stringify({ vectors: { size: 2, distance: "Cosine" } });
  await fetch(`${url}/collections/a`, { method: "PUT", headers: { "api-key": "q" }, body });
  expect(await listCollections(server)).toEqual(["a"]);
  await deleteCollection(server, "a");
  expect([...collections.keys()]).toEqual([]);
  await expect(listCollections({ url, apiKey: undefined })).rejects.toThrow("Qdrant: GET /collections returned 401");
  await close();
  await expect(listCollections(server)).rejects.toThrow(`got no response from ${url}: is QDRANT_URL correct?`);
});

test.each([
  ["https://xyz.cloud.qdrant.io", "https://xyz.cloud.qdrant.io:6333"],
  ["https://xyz.cloud.qdrant.io:443/", "https://xyz.cloud.qdrant.io:443"],
  ["http://127.0.0.1:7000/qdrant/", "http://127.0.0.1:7000/qdrant"],
])("Qdrant at %s is reached at the same root as by the functions", (url, root) => {
  expect(rootOf(url)).toBe(root);
});
