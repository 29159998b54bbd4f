import { expect, test } from "vitest";
import { OPEN, OPEN_SETTINGS } from "./_rollback-requests.ts";
import { NODE, replyOn, replyOnLambda } from "./_server.ts";

test("the server answers as the functions do on Lambda", { timeout: 120_000 }, async () => {
  const requests = { requests: OPEN, settings: OPEN_SETTINGS, hosted: true };
  const server = await replyOn(NODE, requests);
  expect(server.length).toBeGreaterThan(15);
  expect(server).toEqual(await replyOnLambda(requests));
});
