import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { askUntilClosed } from "./_clients.ts";
import { SERVERS } from "./_runtimes.ts";
import { answer, startObservedServer } from "./_server.ts";

/** Fewer on a runtime that is not the project's own. */
const TIMES: Readonly<Record<string, number>> = { node: 20, bun: 2 };
const CONNECTIONS = 16;
const WORDS = 20;
const SPANS = [
  ...["POST /query", "rag.embedding", "rag.llm_generation", "rag.query"],
  ...["rag.rerank", "rag.vector_search"],
];

describe.each(SERVERS.map((runtime) => [runtime.name, runtime] as const))("on %s", (name, runtime) => {
  test.each(Array.from({ length: TIMES[name] ?? 1 }, (_, index) => index + 1))(
    "SIGTERM under load cuts no answer and loses no span: %i",
    async () => {
      const server = await startObservedServer(runtime, answer(WORDS));
      const asking = askUntilClosed(server.url, CONNECTIONS);
      await delay(500 + Math.random() * 1_000);
      await server.stop();
      const { traceIds, cut } = await asking;
      expect(cut).toEqual([]);
      expect(traceIds.length).toBeGreaterThan(CONNECTIONS);
      const received = Map.groupBy(server.spans, ({ traceId }) => traceId);
      const names = traceIds.map((traceId) =>
        received
          .get(traceId)
          ?.map(({ name }) => name)
          .toSorted(),
      );
      expect(names).toEqual(traceIds.map(() => SPANS));
      const questions = server.spans.filter(({ name }) => name === "POST /query");
      expect(questions).toHaveLength(traceIds.length);
    },
  );
});
