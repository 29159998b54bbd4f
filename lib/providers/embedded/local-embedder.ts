import type { Embedder } from "#rag/ports.ts";

/** A model that is loaded in this process. */
export interface Encoder {
  /** The ids of a text's tokens, as many as the model reads; those after them are ignored. */
  tokenise(text: string): readonly number[];
  /** The vector of a text, of length 1. */
  encode(tokens: readonly number[]): Promise<Float32Array>;
}

export interface LocalEmbedderOptions extends Pick<Embedder, "provider" | "model" | "dimensions"> {
  /** Called on first use, and again after it failed. */
  load: () => Promise<Encoder>;
}

/**
 * An embedder that computes in this process, for a laptop. Texts are embedded one by one and queued, so a question waits
 * for one chunk of a document at most: about 0.1 s.
 */
export function createLocalEmbedder({ load, ...identity }: LocalEmbedderOptions): Embedder {
  let loading: Promise<Encoder> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  function getEncoder(): Promise<Encoder> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  function encode(encoder: Encoder, text: string): Promise<Float32Array> {
    const run = queue.then(() => encoder.encode(encoder.tokenise(text)));
    // The model blocks the event loop while it computes: yield before the next text.
    queue = run.then(nextTask, nextTask);
    return run;
  }

  return {
    ...identity,
    async embed(texts) {
      const vectors: Float32Array[] = [];
      if (texts.length > 0) {
        const encoder = await getEncoder();
        for (const text of texts) vectors.push(await encode(encoder, text));
      }
      return { vectors, cacheHits: 0, tokens: 0 };
    },
  };
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
