import { join } from "node:path";
import autocannon from "autocannon";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../../eval/dataset.ts";
import { type DevServer, startDevServer } from "./dev-server.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const GOLDEN = join(ROOT, "test/fixtures/golden");
/** Until code is optimized and the questions' embeddings are cached. */
export const WARM_UP_SECONDS = 10;
/** Longer than API Gateway's limit. */
const TIMEOUT_SECONDS = 30;

/** Runs with a started development server and stops it afterwards, also on SIGINT and SIGTERM. */
export async function withDevServer(run: (server: DevServer) => Promise<void>, telemetryPort?: number): Promise<void> {
  const interrupted = new AbortController();
  const starting = startDevServer(interrupted.signal, telemetryPort);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      interrupted.abort();
      void starting
        .then(({ stop }) => stop())
        .catch(() => {})
        .finally(() => process.exit(1));
    });
  }
  const server = await starting;
  try {
    await run(server);
  } finally {
    await server.stop();
  }
}

/**
 * @param unseen Makes each question unique, so that no embedding is cached.
 * @returns a function that returns the request body of the next golden question
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

/** Sends queries over `connections` connections for `duration` seconds, each as soon as the previous one completes. */
export async function drive(
  { url }: Pick<DevServer, "url">,
  { connections, duration, body }: { connections: number; duration: number; body: () => string },
): Promise<autocannon.Result> {
  return await autocannon({
    url,
    connections,
    duration,
    timeout: TIMEOUT_SECONDS,
    verifyBody: (response) => String(response).startsWith('{"answer":'),
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
