/**
 * A process of `npm run bench -- allocation`: cached questions through the query function, flushed every 5 s as on managed
 * instances. Reports what telemetry allocated, from a sampling heap profile.
 */
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import { handler } from "../../../../functions/query.ts";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../../eval/dataset.ts";
import { httpEvent } from "../../lambda/events.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const QUESTIONS = 40;
/** Until V8 has optimized, and the first flush has loaded what sends. */
const WARM_UP = 1_000;
const SAMPLING_BYTES = 1_024;

const count = Number(process.argv[2]);
const { questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));

const session = new Session();
session.connect();
await askAll(WARM_UP);
// Its types lack what includes garbage.
const options = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
await session.post("HeapProfiler.startSampling", { samplingInterval: SAMPLING_BYTES, ...options });
await askAll(count);
const { profile } = await session.post("HeapProfiler.stopSampling");
const bytes = { queries: 0, flushes: 0 };
add(profile.head, "other");
process.send?.({ queries: bytes.queries / count, flushes: bytes.flushes / count });
process.disconnect();
process.exit();

async function askAll(times: number): Promise<void> {
  const context = { awsRequestId: "request", functionName: "query", getRemainingTimeInMillis: () => 30_000 };
  for (let index = 0; index < times; index++) {
    const event = httpEvent("POST", "/query", { question: questions[index % QUESTIONS]?.text });
    const response: unknown = await Reflect.apply(handler, undefined, [event, context]);
    if ((response as { statusCode: number }).statusCode !== 200) throw new Error(JSON.stringify(response));
  }
}

interface ProfileNode {
  callFrame: { url: string; functionName: string };
  selfSize: number;
  children: ProfileNode[];
}

/**
 * Adds what a node and those below it allocated. Telemetry's is what its modules and OpenTelemetry's packages allocate, and
 * what builtins and Node.js allocate for them; what they call back into is not.
 */
function add(
  { callFrame: { url, functionName }, selfSize, children }: ProfileNode,
  caller: "other" | "query" | "flush",
) {
  const isBuiltIn = url === "" || url.startsWith("node:");
  const isTelemetry = /\/lib\/telemetry\/|@opentelemetry\//.test(url);
  const isFlush = /\/lib\/telemetry\/export\/|@opentelemetry\/sdk-metrics\//.test(url) || functionName === "replay";
  let own = caller;
  if (isTelemetry) own = isFlush || caller === "flush" ? "flush" : "query";
  else if (!isBuiltIn) own = "other";
  if (own === "query") bytes.queries += selfSize;
  if (own === "flush") bytes.flushes += selfSize;
  for (const child of children) add(child, own);
}
