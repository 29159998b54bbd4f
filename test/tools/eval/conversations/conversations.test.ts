import { describe, expect, it, onTestFinished } from "vitest";
import { createEmbeddedModels } from "#compose/embedded.ts";
import { withCachedVectors } from "../cached-vectors.ts";
import { localSystem } from "../local-system.ts";
import { loadPages } from "../pages.ts";
import { HALVES, loadConversations } from "./conversations.ts";
import { play } from "./play.ts";

/** What was reached, a little below it; the goals are in goals.ts. */
const GUARD = { firstRight: 0.8, gain: 0.2, changed: 0.02 };

const load = async () => {
  const pages = await loadPages(process.cwd(), "conversations");
  return { pages, conversations: loadConversations(HALVES, pages) };
};

describe("the conversations about the documentation", () => {
  it("are at least 50 of 2 to 4 turns, whose answers are on the pages judged relevant, and 60 that need no rewriting", async () => {
    const { conversations } = await load();
    const { followUps, complete } = conversations;
    expect(followUps.length).toBeGreaterThanOrEqual(50);
    expect(complete.length).toBeGreaterThanOrEqual(60);
    expect(followUps.filter(({ turns }) => turns.length > 4)).toEqual([]);
    const ids = [...followUps, ...complete].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("find the right page no less often than before, and far more often than without what was said before", {
    timeout: 300_000,
  }, async () => {
    const { pages, conversations } = await load();
    const kept = await withCachedVectors(createEmbeddedModels().embedder);
    const system = await localSystem(kept.embedder);
    onTestFinished(() => {
      system.close();
      kept.close();
    });
    await system.ingest(pages, () => {});
    const report = await play(system, conversations);
    expect(report.first_right, report.wrong.join("\n")).toBeGreaterThanOrEqual(GUARD.firstRight);
    expect(report.first_right - report.first_right_alone).toBeGreaterThanOrEqual(GUARD.gain);
    expect(report.changed, report.spoilt.join("\n")).toBeLessThanOrEqual(GUARD.changed);
  });
});
