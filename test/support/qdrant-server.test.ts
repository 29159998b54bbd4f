import { existsSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { startQdrantServer } from "./qdrant-server.ts";

const RECORDING = new URL("../../../shared/recordings/qdrant/qdrant-1.18.3.json", import.meta.url);

interface Entry {
  step: string;
  request?: { method: string; path: string; body?: unknown };
  response?: { status: number; body: unknown };
}

test("the fake Qdrant server responds to every recorded request as Qdrant 1.18.3 did", async (context) => {
  if (!existsSync(RECORDING)) context.skip("there is no recording in ../shared/recordings/qdrant");
  const recorded = (JSON.parse(readFileSync(RECORDING, "utf8")) as Entry[]).filter(({ request }) => request);
  const server = await startQdrantServer({ apiKey: "right" });
  onTestFinished(() => server.close());
  expect(recorded.length).toBeGreaterThan(40);
  for (const { step, request, response } of recorded) {
    const actual = await fetch(`${server.url}${request?.path}`, {
      method: request?.method ?? "GET",
      headers: { "api-key": step === "wrong api key" ? "wrong" : "right" },
      ...(request?.body !== undefined && { body: JSON.stringify(request.body) }),
    });
    const text = await actual.text();
    expect(actual.status, step).toBe(response?.status);
    const body: unknown = text.startsWith("{") ? JSON.parse(text) : text;
    expect(comparable(body), step).toEqual(comparable(response?.body));
  }
});

/** Without `time`; numbers rounded to six digits, since Qdrant uses 32-bit floats. */
function comparable(body: unknown): unknown {
  const text = JSON.stringify(body, (key, value: unknown) => {
    if (key === "time") return undefined;
    return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  });
  return JSON.parse(text);
}

test("searches an unnamed vector when the collection has a single kind", async () => {
  const server = await startQdrantServer();
  onTestFinished(() => server.close());
  const send = async (method: string, path: string, body: object) => {
    const actual = await fetch(`${server.url}/collections/c${path}`, { method, body: JSON.stringify(body) });
    const { result } = (await actual.json()) as { result?: unknown };
    return { status: actual.status, result };
  };
  await send("PUT", "", { vectors: { size: 2, distance: "Cosine" } });
  await send("PUT", "/points", {
    points: [
      { id: 1, vector: [2, 0], payload: { content: "east" } },
      { id: 2, vector: [0, 3], payload: { content: "north" } },
    ],
  });
  const found = await send("POST", "/points/query", { query: [0, 1], limit: 1, with_payload: ["content"] });
  expect(found.result).toMatchObject({ points: [{ id: 2, score: 1, payload: { content: "north" } }] });
  expect((await send("POST", "/points/query", { query: [1], limit: 1 })).status).toBe(400);
  expect((await send("POST", "/points/query", { query: [0, 1], using: "other" })).status).toBe(400);
});
