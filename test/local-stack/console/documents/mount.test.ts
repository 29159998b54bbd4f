import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { mountFiles } from "#console/documents/mount.ts";

test("the routes of files are there with the first request, and errors are those of the API", async () => {
  const api = new Hono().basePath("/console/api") as Hono;
  const files = mountFiles(api, { url: "http://127.0.0.1:9" });
  onTestFinished(() => files.close());
  const kinds = await api.request("/console/api/files");
  expect(await kinds.json()).toMatchObject({ extensions: expect.arrayContaining([".md", ".pdf"]) });
  const refused = await api.request("/console/api/files", { method: "POST", body: "a" });
  expect([refused.status, refused.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
});
