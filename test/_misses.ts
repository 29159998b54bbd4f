import { loadSampleCorpus } from "../local-stack/dev/corpus.ts";
import { loadDataset } from "./eval/dataset.ts";
import { localSystem } from "./eval/local-system.ts";
const { documents, questions } = await loadDataset("test/fixtures/golden", () => loadSampleCorpus(process.cwd()));
const system = await localSystem();
await system.ingest(documents, () => {});
let right = 0;
for (const { text, relevant, answers } of questions) {
  const r = await system.ask(text, 10);
  if (relevant.has(r.documentIds[0] ?? "")) right++; else console.log("MISS", text, "|", [...relevant.keys()].join(), "|", r.documentIds.slice(0,3).join());
  if (!answers.some((a) => r.answer.toLowerCase().includes(a.toLowerCase()))) console.log("   answer lacks", answers, "|", text);
}
console.log(right, questions.length, right/questions.length);
system.close();
