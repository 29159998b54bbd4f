import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageServer } from "../../lib/deploy/bundle/server.ts";
import { LAPTOP, OPEN, OPEN_SETTINGS } from "../functions/_rollback-requests.ts";
import { NODE, replyOn, replyOnLambda, startAppServer } from "../functions/_server.ts";

/** Outside the project, whose packages the server would find. */
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "edge-rag-package-"));
  await packageServer(".bundle/server-test");
  cpSync(".bundle/server-test", folder, { recursive: true });
  rmSync(".bundle/server-test", { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the packaged server answers with embedded parts as the functions do", async () => {
  expect(existsSync(join(folder, "node_modules/.cache/edge-rag"))).toBe(true);
  const packaged = { ...NODE, file: join(folder, "server.mjs") };
  const requests = { requests: LAPTOP, settings: {}, hosted: false };
  expect(await replyOn(packaged, requests)).toEqual(await replyOnLambda(requests));
});

test("without the packages beside it, it works with hosted services, and says which package the embedded parts need", async () => {
  rmSync(join(folder, "node_modules"), { recursive: true });
  const packaged = { ...NODE, file: join(folder, "server.mjs") };
  const requests = { requests: OPEN, settings: OPEN_SETTINGS, hosted: true };
  expect(await replyOn(packaged, requests)).toEqual(await replyOnLambda(requests));
  await expect(startAppServer(packaged, {})).rejects.toThrow(/The embedded store needs the npm package "sqlite-vec"/);
});
