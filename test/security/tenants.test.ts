import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FakeQdrant, startQdrantServer } from "../support/qdrant-server.ts";
import { WAYS_TO_ASK } from "./_ask.ts";
import { rounds } from "./_attempts.ts";
import { startService } from "./_service.ts";
import { World } from "./_world.ts";

/** Minimum of cross-tenant attempts, over both stores. */
const ATTEMPTS = 10_000;
/** Few and long: in the first rounds the others have little to get at. */
const RUNS = 40;
const ROUNDS = 70;

let qdrant: FakeQdrant;
beforeAll(async () => {
  qdrant = await startQdrantServer();
});
afterAll(() => qdrant.close());

it.each(["SQLite", "Qdrant"])(
  "concurrent actions of three tenants never show in each other's responses: %s",
  { timeout: 120_000 },
  async (name) => {
    const crossTenant = new Map<string, number>();
    const property = fc.asyncProperty(rounds(ROUNDS), async (attempts) => {
      const service = await startService(name === "Qdrant" ? qdrant.url : undefined);
      const world = new World(service);
      try {
        for (const attempt of attempts) await world.round(attempt);
        await world.audit();
      } finally {
        service.close();
        qdrant.collections.clear();
        qdrant.aliases.clear();
        qdrant.requests.length = 0;
      }
      for (const [name, count] of world.crossTenant) crossTenant.set(name, (crossTenant.get(name) ?? 0) + count);
    });
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    const total = [...crossTenant.values()].reduce((sum, count) => sum + count);
    const parts = Array.from(crossTenant, ([name, count]) => `${name} ${count}`).toSorted();
    process.stdout.write(`${name}: ${total} cross-tenant attempts, 0 leaks (${parts.join(", ")})\n`);
    expect(total).toBeGreaterThanOrEqual(ATTEMPTS / 2);
    const reading = [...Object.keys(WAYS_TO_ASK), "list by embed", "list by mcp", "get by embed", "get by mcp"];
    expect([...crossTenant.keys()].toSorted()).toEqual([...reading, "ingest", "remove"].toSorted());
  },
);
