import type { Chunker } from "#rag/ports.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { type Instrumentation, markFailed } from "./span.ts";

/** The same chunker with a `rag.chunk` span per text. */
export function traceChunker(chunker: Chunker, { tracer, captureContent }: Instrumentation): Chunker {
  return {
    settings: chunker.settings,
    async *chunk(text, title) {
      const attributes = { [ATTR.openInferenceSpanKind]: "CHAIN", [ATTR.textLength]: text.length };
      const span = tracer.startSpan("rag.chunk", { attributes });
      let chunks = 0;
      try {
        for await (const chunk of chunker.chunk(text, title)) {
          chunks += 1;
          yield chunk;
        }
        span.setAttribute(ATTR.chunksCount, chunks);
      } catch (error) {
        markFailed(span, error, captureContent);
        throw error;
      } finally {
        span.end();
      }
    },
  };
}
