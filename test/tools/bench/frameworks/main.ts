/**
 * `npm run bench -- peers [--rounds 15] [--starts 20] [--json]`: the same pipeline in this project, in LangChain.js and
 * in LlamaIndex.TS, bundled alike, against the same fake services on loopback, interleaved in one run. Exits with 1
 * when this project, with every query traced, is not ahead in each figure.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../../eval/dataset.ts";
import { type Bundle, bundleFramework, bundleOurs } from "./bundles.ts";
import { type Contender, measureQueries, measureStarts, SITUATIONS } from "./measure.ts";
import { missedGoals, printReport, type Report } from "./report.ts";
import { seed } from "./seed.ts";
import { startServices } from "./services.ts";
import { frameworks, installFrameworks } from "./setup.ts";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    rounds: { type: "string", default: "15" },
    starts: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, starts] = [Number(values.rounds), Number(values.starts)];
if (!(rounds >= 1 && starts >= 1)) throw new Error("--rounds and --starts must be at least 1");

installFrameworks();
mkdirSync(join(ROOT, ".bundle"), { recursive: true });
const folder = mkdtempSync(join(ROOT, ".bundle/peers-"));
const services = await startServices();
try {
  const { documents, questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));
  const chunks = await seed(services, documents, folder);
  const ours = await bundleOurs(join(folder, "ours"));
  const langchain = await bundleFramework("langchain", join(folder, "langchain"));
  const llamaindex = await bundleFramework("llamaindex", join(folder, "llamaindex"));
  const plain: Record<string, Bundle> = {
    "LangChain.js": await bundleFramework("langchain", join(folder, "langchain-plain"), { plain: true }),
    "LlamaIndex.TS": await bundleFramework("llamaindex", join(folder, "llamaindex-plain"), { plain: true }),
  };
  const { env } = services;
  const contenders: Contender[] = [
    { name: "Edge RAG", bundle: ours, env },
    { name: "Edge RAG, telemetry off", bundle: ours, env: { ...env, OTEL_ENABLED: "false" } },
    { name: "LangChain.js", bundle: langchain, env },
    { name: "LlamaIndex.TS", bundle: llamaindex, env },
  ];
  const texts = questions.map(({ text }) => text);
  const report: Report = {
    node: process.version,
    versions: frameworks(),
    chunks,
    questions: texts.length,
    bundles: Object.fromEntries(contenders.map(({ name, bundle: { bytes, zipped } }) => [name, { bytes, zipped }])),
    plainBundles: Object.fromEntries(
      Object.entries(plain).map(([name, { bytes, zipped }]) => [name, { bytes, zipped }]),
    ),
    queries: [],
    starts: {},
  };
  for (const situation of SITUATIONS) {
    report.queries.push(await measureQueries(situation, contenders, services, texts, rounds));
  }
  report.starts = await measureStarts(contenders, services, texts, starts);
  const missed = missedGoals(report);
  if (values.json) console.log(JSON.stringify({ ...report, missed }));
  else printReport(report, missed);
  if (missed.length > 0) process.exitCode = 1;
} finally {
  await services.close();
  rmSync(folder, { recursive: true, force: true });
}
