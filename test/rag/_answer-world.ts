import fc from "fast-check";
import { createInvalidatingStore } from "#providers/wrappers/invalidating-store.ts";
import type { Answer, AnswerPorts, AnswerQuestion } from "#rag/answer.ts";
import { createCachedAnswer } from "#rag/cached-answer.ts";
import type { AnswerCache, Call, MetadataValue, SearchFilter, VectorStore } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";

/** The models and store of one deployment. */
interface Setup {
  embedder: string;
  dimensions: number;
  reranker: string;
  generator: string;
  system: string;
  address: string | undefined;
  collection: string;
}

interface Ask {
  setup: Setup;
  tenant: string | undefined;
  question: Question;
}

interface Change {
  collection: string;
  tenant: string | undefined;
  /** The new text of the document; when absent, the document is removed. */
  text?: string | undefined;
  fails?: "before" | "after" | undefined;
}

export type Step = { ask: Ask; during?: Change | undefined } | { change: Change; during?: Ask | undefined };

const tenant = fc.constantFrom(undefined, "", "a", "b");
const collection = fc.constantFrom("c1", "c2");
const value: fc.Arbitrary<MetadataValue> = fc.constantFrom<MetadataValue[]>("x", "1", 1, true, "true");
const filter: fc.Arbitrary<SearchFilter> = fc.record(
  {
    topicIds: fc.array(fc.constantFrom(1, 2, 10), { maxLength: 3 }),
    metadata: fc.dictionary(fc.constantFrom("k", "l"), fc.array(value, { maxLength: 2 })),
  },
  { requiredKeys: [] },
);
const setupFields = {
  embedder: fc.constantFrom("e1", "e2"),
  dimensions: fc.constantFrom(2, 3),
  reranker: fc.constantFrom("r1", "r2"),
  generator: fc.constantFrom("g1", "g2"),
  system: fc.constantFrom("s1", "s2"),
  address: fc.constantFrom(undefined, "a1", "a2"),
  collection,
};
const questionFields = {
  question: fc.constantFrom("q", "Q", "q "),
  topK: fc.constantFrom(1, 2),
  filter,
  minScore: fc.constantFrom(0, 0.5),
  instructions: fc.constantFrom("i", "j"),
};
const usual: Setup = {
  ...{ embedder: "e1", dimensions: 2, reranker: "r1", generator: "g1" },
  ...{ system: "s1", address: undefined, collection: "c1" },
};
const ask: fc.Arbitrary<Ask> = fc.record({
  setup: fc.record(setupFields),
  tenant,
  question: fc.record(questionFields, { requiredKeys: ["question", "topK"] }),
});

/** The same question, or one that differs in a single property. */
function variantsOf(ask: Ask): fc.Arbitrary<Ask> {
  const { filter = {}, ...unfiltered } = ask.question;
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(ask) },
    tenant.map((tenant) => ({ ...ask, tenant })),
    ...Object.keys(setupFields).map((name) =>
      fc.record(setupFields).map((other) => ({ ...ask, setup: { ...ask.setup, [name]: other[name as keyof Setup] } })),
    ),
    ...Object.keys(questionFields).map((name) =>
      fc
        .record(questionFields)
        .map((other) => ({ ...ask, question: { ...ask.question, [name]: other[name as keyof typeof other] } })),
    ),
    fc.constant({ ...ask, question: unfiltered }),
    value.map((value) => ({ ...ask, question: { ...ask.question, filter: { ...filter, metadata: { k: [value] } } } })),
  );
}
const document = {
  text: fc.option(fc.constantFrom("one", "two"), { nil: undefined }),
  fails: fc.option(fc.constantFrom("before" as const, "after" as const), { nil: undefined }),
};
const change: fc.Arbitrary<Change> = fc.record({ collection, tenant, ...document });

/** A change of the documents that the question is answered from. */
function relevantChange({ setup: { collection }, tenant }: Ask): fc.Arbitrary<Change> {
  return fc.record(document).map((document) => ({ collection, tenant, ...document }));
}

const sometimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

/** Questions and changes, in sequence and overlapping. */
export const steps: fc.Arbitrary<Step[]> = fc
  .array(ask, { minLength: 1, maxLength: 2 })
  // Few questions, repeated: otherwise there would be no cache hits.
  .chain((asks) => {
    const repeated = fc.constantFrom(...asks).chain(variantsOf);
    const changes = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...asks).chain(relevantChange) }, change);
    return fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.record({ ask: repeated, during: sometimes(changes) }) },
        { weight: 1, arbitrary: fc.record({ change: changes, during: sometimes(repeated) }) },
      ),
      { minLength: 5, maxLength: 25 },
    );
  });

/**
 * Runs the steps, and compares each answer with a fresh one from the current documents.
 *
 * @returns the number of cache hits
 * @throws Error naming both answers when they differ
 */
export async function takeSteps(steps: readonly Step[], cache: AnswerCache): Promise<number> {
  const documents = new Map<string, string>();
  const placeOf = (collection: string, tenant: string | undefined) => JSON.stringify([collection, tenant ?? null]);
  let hits = 0;
  let duringAnswer: (() => Promise<unknown>) | undefined;

  /** Everything that an answer depends on. Lists of a filter are sets. */
  function freshText({ setup, tenant, question }: Ask): string {
    const { topicIds, metadata } = question.filter ?? {};
    const restriction = {
      topics: topicIds && [1, 2, 10].filter((topic) => topicIds.includes(topic)),
      metadata:
        metadata &&
        ["k", "l"].map((key) => metadata[key] && ["x", "1", 1, true, "true"].map((v) => metadata[key]?.includes(v))),
    };
    const { question: text, instructions, topK, minScore = 0 } = question;
    const document = documents.get(placeOf(setup.collection, tenant)) ?? null;
    return JSON.stringify([
      setup,
      tenant ?? null,
      text,
      instructions,
      topK,
      minScore,
      question.filter && restriction,
      document,
    ]);
  }

  async function pose(ask: Ask): Promise<void> {
    const pipeline: AnswerQuestion = async () => {
      const text = freshText(ask);
      await duringAnswer?.();
      return answerOf(text);
    };
    const cached = createCachedAnswer(pipeline, portsOf(ask.setup), cache);
    const before = freshText(ask);
    const { text, cache: from } = await cached(ask.question, callOf(ask));
    if (from.answer) hits += 1;
    if (text !== before) throw new Error(`${from.answer ? "cached" : "fresh"}: ${text}, expected ${before}`);
  }

  async function apply({ collection, tenant, text, fails }: Change, during: Ask | undefined): Promise<void> {
    const write = async (): Promise<number | undefined> => {
      if (during) await pose(during);
      if (fails === "before") throw new Error("not written");
      if (text === undefined) documents.delete(placeOf(collection, tenant));
      else documents.set(placeOf(collection, tenant), text);
      if (during) await pose(during);
      if (fails === "after") throw new Error("written, and then lost");
      return 1;
    };
    const store = createInvalidatingStore(
      { ...portsOf(usual).store, replace: async () => void (await write()), remove: write },
      cache,
    );
    const record = { id: "d", title: "d", topicIds: [], metadata: {}, version: "v" };
    const done =
      text === undefined ? store.remove("d", callOf({ tenant })) : store.replace(record, [], callOf({ tenant }));
    await done.catch((error: unknown) => {
      if (fails === undefined) throw error;
    });
  }

  for (const step of steps) {
    if ("change" in step) {
      await apply(step.change, step.during);
      continue;
    }
    const { during } = step;
    duringAnswer = during && (() => apply(during, undefined));
    await pose(step.ask);
    duringAnswer = undefined;
  }
  return hits;
}

function callOf({ tenant }: { tenant: string | undefined }): Call {
  return tenant === undefined ? {} : { tenant };
}

function answerOf(text: string): Answer {
  return {
    text,
    answered: true,
    citations: [{ index: 1, chunkId: "c", documentId: "d", title: "T", heading: "", text: "t", score: 0.5 }],
    usage: { promptTokens: 1, completionTokens: 1 },
    timingsMs: { embedding: 1, vector_search: 1, rerank: 1, llm_generation: 1, total: 4 },
    cache: { embedding: false },
    degraded: [],
    model: "m",
  };
}

function portsOf({ embedder, dimensions, reranker, generator, system, address, collection }: Setup): AnswerPorts {
  const unused = () => Promise.reject(new Error("only its identity is read"));
  const store: VectorStore = {
    system,
    ...(address !== undefined && { address }),
    collection,
    versions: unused,
    replace: unused,
    remove: unused,
    list: unused,
    get: unused,
    search: unused,
    ping: unused,
  };
  return {
    embedder: { provider: "p", model: embedder, dimensions, embed: unused },
    store,
    reranker: { provider: "p", model: reranker, rerank: unused },
    generator: { provider: "p", model: generator, generate: unused },
  };
}
