import { join } from "node:path";
import autocannon from "autocannon";
import { loadSampleCorpus } from "../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../eval/dataset.ts";
import { type Product, startProduct } from "./product.ts";

const ROOT = join(import.meta.dirname, "../../..");
const GOLDEN = join(ROOT, "test/fixtures/golden");
/** Until code is compiled and the questions' embeddings are cached. */
export const WARM_UP_SECONDS = 10;
/** Longer than API Gateway waits. */
const TIMEOUT_SECONDS = 30;

/** Runs with the product started, and ends it afterwards, also when this process is told to end. */
export async function withProduct(run: (product: Product) => Promise<void>, telemetryPort?: number): Promise<void> {
  const interrupted = new AbortController();
  const starting = startProduct(interrupted.signal, telemetryPort);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      interrupted.abort();
      void starting
        .then(({ stop }) => stop())
        .catch(() => {})
        .finally(() => process.exit(1));
    });
  }
  const product = await starting;
  try {
    await run(product);
  } finally {
    await product.stop();
  }
}

/**
 * @param unseen each question is a new one, so that none has its embedding cached
 * @returns a function that gives the next golden question's body
 */
export async function questionBodies(unseen: boolean): Promise<() => string> {
  const { questions } = await loadDataset(GOLDEN, () => loadSampleCorpus(ROOT));
  let asked = 0;
  return () => {
    const text = questions[asked % questions.length]?.text ?? "";
    asked += 1;
    return JSON.stringify({ question: unseen ? `${text} (${asked})` : text });
  };
}

/** So many connections ask for so many seconds, each as soon as it has its answer. */
export async function drive(
  { url }: Product,
  { connections, duration, body }: { connections: number; duration: number; body: () => string },
): Promise<autocannon.Result> {
  return await autocannon({
    url,
    connections,
    duration,
    timeout: TIMEOUT_SECONDS,
    // serverless-offline answers 200 for a function that fails to load, too.
    verifyBody: (answer) => String(answer).startsWith('{"answer":'),
    requests: [
      {
        method: "POST",
        path: "/query",
        headers: { "content-type": "application/json" },
        setupRequest: (request) => ({ ...request, body: body() }),
      },
    ],
  });
}
