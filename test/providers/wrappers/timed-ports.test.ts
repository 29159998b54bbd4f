import { expect, onTestFinished, test, vi } from "vitest";
import { createTimedChunker, createTimedReranker } from "#providers/wrappers/timed-ports.ts";
import type { Chunk } from "#rag/ports.ts";

/** Counts the timers that are started. */
function countTimers() {
  const timers = vi.spyOn(globalThis, "setTimeout");
  onTestFinished(() => void vi.restoreAllMocks());
  return timers;
}

test("a timer fires after a reranking, whose result is passed on", async () => {
  const timers = countTimers();
  const reranker = createTimedReranker({ provider: "p", model: "m", rerank: async () => [] });
  expect(await reranker.rerank("Where?", [], 3)).toEqual([]);
  expect(timers).toHaveBeenCalledTimes(1);
});

test("a timer fires after each 64 chunks, and after the last", async () => {
  const timers = countTimers();
  const chunker = createTimedChunker({
    settings: "counted",
    async *chunk(text) {
      for (let index = 0; index < Number(text); index += 1) yield { text: String(index), heading: "" } as Chunk;
    },
  });
  expect(await Array.fromAsync(chunker.chunk("1", ""))).toHaveLength(1);
  expect(timers).toHaveBeenCalledTimes(1);
  const chunks = await Array.fromAsync(chunker.chunk("200", ""));
  expect(chunks.map(({ text }) => text)).toEqual(Array.from({ length: 200 }, (_, index) => String(index)));
  expect(timers).toHaveBeenCalledTimes(1 + 4);
});
