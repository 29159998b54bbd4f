import { describe, expect, it } from "vitest";
import { lexicon } from "#providers/lexical/lexicon.ts";
import { groundednessOf, type Source } from "#quality/groundedness.ts";

function sources(...texts: string[]): Source[] {
  return texts.map((text, at) => ({ index: at + 1, title: "", heading: "", text }));
}

const TESLA = sources(
  "Nikola Tesla was born in 1856 in Smiljan. He moved to New York in 1884, where he worked for Thomas Edison. " +
    "His laboratory burned down in 1895.",
  "The collector keeps spans for 30 seconds before it sends them. Set `OTEL_ENABLED` to turn telemetry off. " +
    "The exporter never retries a request that the collector refused.",
);

const judge = (answer: string, given = TESLA) => groundednessOf(answer, given, { lexicon });
const scoreOf = (answer: string, given = TESLA) => judge(answer, given)?.score ?? Number.NaN;

describe("the groundedness of an answer", () => {
  it("is 1 for a sentence of a source, and near it for one with its words in another order", () => {
    expect(scoreOf("Nikola Tesla was born in 1856 in Smiljan. [1]")).toBeCloseTo(1);
    expect(scoreOf("In 1856 Nikola Tesla was born in Smiljan [1].")).toBeGreaterThan(0.9);
    expect(scoreOf("He worked for Thomas Edison after he had moved to New York in 1884.")).toBeGreaterThan(0.8);
  });

  it("is near 0 for a sentence about something else", () => {
    expect(scoreOf("Photosynthesis converts carbon dioxide into glucose.")).toBeLessThan(0.1);
  });

  it("is half for a sentence of which one half stands in a source", () => {
    const score = scoreOf("His laboratory burned down and photosynthesis converts glucose.");
    expect(score).toBeGreaterThan(0.2);
    expect(score).toBeLessThan(0.8);
  });

  it.each([
    ["a number that stands in no source", "Nikola Tesla was born in 1857 in Smiljan."],
    ["a number that stands in another sentence", "Nikola Tesla was born in 1895 in Smiljan."],
    ["a name that stands in no source", "He moved to New York in 1884, where he worked for George Westinghouse."],
    ["a name that stands in another sentence", "His laboratory in New York burned down in 1884."],
    ["a negation", "Nikola Tesla was not born in 1856 in Smiljan."],
    ["a negation left out", "The exporter retries a request that the collector refused."],
  ])("is less than half because of %s", (_, sentence) => {
    expect(scoreOf(sentence)).toBeLessThan(0.5);
  });

  it("is the mean of the answer's sentences", () => {
    const { score, sentences = [] } = judge("Nikola Tesla was born in 1856. Glucose is sweet.") ?? {};
    expect(sentences).toHaveLength(2);
    expect(score).toBeCloseTo(((sentences[0]?.byAll ?? 0) + (sentences[1]?.byAll ?? 0)) / 2);
  });

  it("says on request how far each source alone supports a sentence", () => {
    const answer = "Nikola Tesla was born in 1856 in Smiljan [2].";
    const { sentences: [sentence] = [] } = groundednessOf(answer, TESLA, { lexicon, bySource: true }) ?? {};
    expect(sentence?.bySource).toHaveLength(2);
    expect(sentence?.bySource?.[0]).toBeCloseTo(sentence?.byAll ?? Number.NaN);
    expect(sentence?.bySource?.[1]).toBe(sentence?.byCited);
    expect(judge(answer)?.sentences[0]).not.toHaveProperty("bySource");
  });

  it("is unknown for an answer that says nothing, or is empty", () => {
    expect(judge("Yes.")?.sentences ?? []).toHaveLength(1);
    expect(judge("")).toBeUndefined();
    expect(judge("… [1]")).toBeUndefined();
    expect(judge("These are the steps:\n\n---\n\n## Steps")).toBeUndefined();
  });

  it("is 0 without sources", () => expect(scoreOf("Nikola Tesla was born in 1856.", [])).toBe(0));

  it("reads a number alone as an answer", () => {
    expect(scoreOf("1856.")).toBe(1);
    expect(scoreOf("1857.")).toBeLessThan(0.3);
  });

  it("takes what the title and the headings of a source say for part of each of its sentences", () => {
    const text = "Born in 1856, he moved away in 1884.";
    const untitled = [{ index: 1, title: "", heading: "", text }];
    const titled = [{ index: 1, title: "Nikola Tesla", heading: "Life", text }];
    expect(scoreOf("Nikola Tesla was born in 1856.", titled)).toBeGreaterThan(0.8);
    expect(scoreOf("Nikola Tesla was born in 1856.", untitled)).toBeLessThan(0.5);
  });

  it("compares code by its words", () => {
    const given = sources("Set it up:\n\n```sh\nnpm run dev -- --port 3000\ncurl localhost:3000/health\n```");
    expect(scoreOf("```sh\nnpm run dev -- --port 3000\n```", given)).toBeGreaterThan(0.9);
    expect(scoreOf("```sh\nkubectl apply deployment\n```", given)).toBeLessThan(0.2);
  });

  it("compares each row of a table", () => {
    const given = sources("| setting | default |\n|---|---|\n| timeout | 30 s |\n| retries | 5 |");
    const answer = (retries: number) =>
      `| setting | default |\n|---|---|\n| timeout | 30 s |\n| retries | ${retries} |`;
    expect(scoreOf(answer(5), given)).toBeGreaterThan(0.9);
    expect(judge(answer(7), given)?.sentences.at(-1)?.unsupportedFacts).toEqual([{ kind: "number", text: "7" }]);
  });

  it.each([
    [
      "Japanese",
      "東京は日本の首都です。人口は約1400万人です。",
      "東京は日本の首都です。",
      "大阪は中国の工業都市である。",
    ],
    ["Chinese", "北京是中国的首都。长城位于北京北部。", "北京是中国的首都。", "上海拥有世界最大的港口。"],
    [
      "Russian",
      "Москва является столицей России. Население составляет 13 миллионов.",
      "Столица России — Москва.",
      "Волга впадает в море.",
    ],
    [
      "German",
      "Der Dienst speichert Vektoren in einer Datenbank. Er läuft auf Lambda.",
      "Die Vektoren werden in der Datenbank gespeichert.",
      "Bäume wachsen im Garten.",
    ],
    ["Thai", "กรุงเทพเป็นเมืองหลวงของประเทศไทย", "กรุงเทพเป็นเมืองหลวง", "แมวชอบกินปลา"],
    ["Arabic", "القاهرة هي عاصمة مصر وأكبر مدنها.", "عاصمة مصر هي القاهرة.", "يشرب الولد الحليب صباحا."],
  ])("tells supported from unsupported sentences in %s", (_, text, supported, unsupported) => {
    expect(scoreOf(supported, sources(text))).toBeGreaterThan(0.4);
    expect(scoreOf(unsupported, sources(text))).toBeLessThan(0.25);
  });

  it("is higher where vectors say that a sentence in other words means the same", () => {
    const answer = "The inventor's workshop was destroyed by fire.";
    const meaning = (cosine: number) => groundednessOf(answer, TESLA, { lexicon, meaning: () => cosine })?.score ?? 0;
    expect(meaning(0.85)).toBeGreaterThan(meaning(0.4));
    expect(meaning(0.4)).toBe(scoreOf(answer));
  });

  it("takes long answers and sources of any kind", () => {
    const answer = `${"Nikola Tesla was born in 1856. [1] ".repeat(2_000)}\n\`\`\`\nunclosed`;
    expect(scoreOf(answer)).toBeGreaterThan(0.9);
    expect(scoreOf("\ud800 [1] ``` [2", sources("\udfff\n\n```", "| |"))).toBeLessThan(0.3);
  });
});

describe("numbers and names that stand in no source", () => {
  const factsOf = (answer: string, given = TESLA) =>
    judge(answer, given)?.sentences.flatMap(({ unsupportedFacts }) => unsupportedFacts);

  it("are those of the answer alone", () => {
    expect(factsOf("In 1856 he met Thomas Edison and Marie Curie, and earned $500.")).toEqual([
      { kind: "name", text: "Marie Curie" },
      { kind: "number", text: "500" },
    ]);
  });

  it("include settings and other identifiers", () => {
    expect(factsOf("Set `OTEL_ENABLED` or OTEL_DISABLED.")).toEqual([{ kind: "name", text: "OTEL_DISABLED" }]);
  });

  it("do not include words that only begin the sentence, numbers of list items, or citations", () => {
    expect(factsOf("1. Afterwards the laboratory burned down [1].\n2. Telemetry is off [2].")).toEqual([]);
  });

  it("do not include German nouns", () => {
    const given = sources("Der Dienst speichert Vektoren in der Datenbank und ist nicht auf das Netz angewiesen.");
    expect(factsOf("Der Dienst braucht für die Vektoren und das Netz nicht den Speicherplatz.", given)).toEqual([]);
  });
});

describe("citations", () => {
  it("are told from each other by what their sources support", () => {
    const [first] = judge("Nikola Tesla was born in 1856 in Smiljan [2].")?.sentences ?? [];
    expect(first).toMatchObject({ cited: [2], byAll: expect.closeTo(1) });
    expect(first?.byCited).toBeLessThan(0.1);
  });

  it("support nothing when their source has nothing of the sentence", () => {
    expect(judge("Nikola Tesla was born in 1856 [1][2].")?.unsupportedCitations).toEqual([{ index: 2, start: 0 }]);
    expect(judge("Nikola Tesla was born in 1856 [1].")?.unsupportedCitations).toEqual([]);
  });

  it("also stand for the sentences before them that have none, up to the paragraph", () => {
    const answer = "Nikola Tesla was born in 1856 in Smiljan. That is known from letters. [1]";
    expect(judge(answer)?.unsupportedCitations).toEqual([]);
    expect(judge(answer.replace(". That", ".\n\nThat"))?.unsupportedCitations).toHaveLength(1);
  });
});
