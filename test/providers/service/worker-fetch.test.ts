import { expect, onTestFinished, test, vi } from "vitest";
import { createWorkerFetch, type Subrequests } from "#providers/service/worker-fetch.ts";
import { startTextServer } from "./_text-server.ts";

test("refuses what is over the limit, without what is kept for telemetry, and does not send it", async () => {
  const server = await startTextServer();
  const sent: Subrequests = { count: 0 };
  const { fetch, telemetryFetch, requireRequests } = createWorkerFetch({ limit: 4, reserved: 2 }, () => sent);
  expect(await (await fetch(server.url)).text()).toBe("here");
  requireRequests(1);
  expect(() => requireRequests(2)).toThrow(/^A worker may send 2 requests to services for one request/);
  await fetch(server.url);
  await expect(fetch(server.url)).rejects.toMatchObject({ code: "too_many_subrequests" });
  await telemetryFetch(server.url);
  await telemetryFetch(server.url);
  await expect(telemetryFetch(server.url)).rejects.toMatchObject({ code: "too_many_subrequests" });
  expect(server.requests()).toBe(4);
});

test("names the limit of the platform, when that is lower", async () => {
  const { fetch } = createWorkerFetch({ limit: 50 }, () => ({ count: 0 }));
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("Too many subrequests."));
  onTestFinished(() => void vi.restoreAllMocks());
  await expect(fetch("http://127.0.0.1:1")).rejects.toMatchObject({
    code: "too_many_subrequests",
    message: expect.stringMatching(/^The platform lets a worker send fewer requests/),
  });
});

test("follows no redirect, and refuses one that was not asked for", async () => {
  const server = await startTextServer();
  const { fetch } = createWorkerFetch({ limit: 50 }, () => undefined);
  const location = `${server.url}/moved`;
  await expect(fetch(location, { redirect: "error" })).rejects.toMatchObject({
    cause: { message: "unexpected redirect" },
  });
  expect((await fetch(location, { redirect: "manual" })).status).toBe(307);
  expect(server.requests()).toBe(2);
});

test("passes on why a request failed", async () => {
  const { fetch } = createWorkerFetch({ limit: 50 }, () => undefined);
  await expect(fetch("http://127.0.0.1:1")).rejects.toThrow("fetch failed");
});
