import { expect, test } from "vitest";
import { createTimedChunker } from "#providers/wrappers/timed-ports.ts";
import { createChunker } from "#rag/chunk.ts";
import { recordingTelemetry, spanNamed } from "../_setup.ts";

const TEXT = "One two three. Four five six. Seven eight nine. Ten eleven twelve.";
const TITLE = "A title of so many words that a chunk must be shorter";

const chunker = createChunker({
  countTokens: (text) => text.split(/\s+/).length,
  maxTokens: 12,
  window: 16,
  overlapTokens: 0,
});

test("a traced chunker makes the same chunks: it knows the title, too", async () => {
  const { telemetry, spans } = recordingTelemetry();
  const chunks = await Array.fromAsync(telemetry.trace.chunker(chunker).chunk(TEXT, TITLE));
  expect(chunks).toEqual([...chunker.chunk(TEXT, TITLE)]);
  expect(chunks.length).toBeGreaterThan([...chunker.chunk(TEXT)].length);
  expect(spanNamed(await spans(), "rag.chunk").attributes).toMatchObject({ "chunks.count": chunks.length });
});

test("where the clock moves on with a timer only, the span of a chunker has its duration", async () => {
  const { telemetry, spans } = recordingTelemetry();
  const timed = telemetry.trace.chunker(createTimedChunker(chunker));
  expect(await Array.fromAsync(timed.chunk(TEXT, TITLE))).toEqual([...chunker.chunk(TEXT, TITLE)]);
  const [seconds, nanoseconds] = spanNamed(await spans(), "rag.chunk").duration;
  expect(seconds + nanoseconds).toBeGreaterThan(0);
});
