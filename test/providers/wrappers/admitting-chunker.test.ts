import { expect, test } from "vitest";
import { createAdmittingChunker } from "#providers/wrappers/admitting-chunker.ts";
import { createChunker } from "#rag/chunk.ts";
import { SubrequestLimitError } from "#rag/errors.ts";

test("a document is chunked when there are enough requests for it, and else not begun", async () => {
  let left = 10;
  const chunker = createAdmittingChunker(createChunker({ countTokens: (text) => text.length }), (count) => {
    if (left < count) throw new SubrequestLimitError("too few");
  });
  const chunks = await Array.fromAsync(chunker.chunk("Bees dance.", "Bees"));
  expect(chunks).toMatchObject([{ text: "Bees dance." }]);
  left = 9;
  await expect(Array.fromAsync(chunker.chunk("Bees dance.", "Bees"))).rejects.toThrow("too few");
});
