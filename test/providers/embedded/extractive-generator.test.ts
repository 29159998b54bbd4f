import { describe, expect, it } from "vitest";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { buildPrompt } from "#rag/prompt.ts";
import { ask, citation } from "./extractive/_ask.ts";

const POLICY = '```json\n{ "Effect": "Allow", "Action": "sts:AssumeRole" }\n```';
const TELESCOPES =
  "A telescope gathers light. Isaac Newton built the first reflecting telescope in 1668. It is small. " +
  "Glass is made of sand. Ships sail on water.";
const QUESTION = "Who built the first reflecting telescope?";
/** A paragraph of about 900 characters whose sentence 9 has the answer. */
const LONG = Array.from({ length: 18 }, (_, n) =>
  n === 9 ? "Isaac Newton built the first reflecting telescope." : `Sentence ${n} of this page says that ships sail.`,
).join(" ");

describe("the extractive generator answers with", () => {
  it("a section that fits, under the path of its headings, and the number of its source", async () => {
    const { text, answered } = await ask(QUESTION, [
      { title: "Optics", heading: "Optics > History", text: `## History\n\n${TELESCOPES}` },
    ]);
    expect(answered).toBe(true);
    expect(text).toBe(`Optics › History\n${TELESCOPES} [1]`);
  });

  it("at most 600 characters of a longer one, around what was asked", async () => {
    const { text } = await ask(QUESTION, [{ text: LONG }]);
    expect(text).toContain("Isaac Newton built");
    expect(text.length).toBeLessThanOrEqual(610);
  });

  it("a second passage, of at most 300 characters, only if its source is nearly as good", async () => {
    const source = { title: "Optics", text: TELESCOPES };
    const other = { title: "Telescopes", text: `Newton built the first reflecting telescope in Cambridge. ${LONG}` };
    const { text } = await ask(QUESTION, [source, { ...other, score: 0.89 }]);
    const [first = "", second = ""] = text.split("\n\n");
    expect(first).toMatch(/^Optics\n.* \[1\]$/s);
    expect(second).toMatch(/^Telescopes\n.*first reflecting telescope.* \[2\]$/s);
    expect(second.length).toBeLessThan(330);
    const alone = await ask(QUESTION, [source, { ...other, score: 0.1, similarity: 0.1 }]);
    expect(alone.text).not.toContain("[2]");
  });

  it("as the second passage the one that means most like the question", async () => {
    const vector = (text: string) => (/^Who built|Cambridge/.test(text) ? [1, 0] : [0, 1]);
    const embedder = {
      model: "all-MiniLM-L6-v2",
      embed: async (texts: readonly string[]) => ({
        vectors: texts.map((text) => Float32Array.from(vector(text))),
        cacheHits: 0,
        tokens: 0,
      }),
    };
    const sources = [
      { title: "Optics", text: TELESCOPES },
      { title: "Ships", text: "Ships had a reflecting telescope first.", score: 0.9 },
      { title: "Newton", text: "The first reflecting telescope was made in Cambridge.", score: 0.85 },
    ];
    const prompt = buildPrompt(QUESTION, sources.map(citation));
    const texts = await Promise.all(
      [createExtractiveGenerator(), createExtractiveGenerator({ embedder })].map((each) => each.generate(prompt)),
    );
    expect(texts.map(({ text }) => text.split("\n\n")[1])).toEqual([
      "Ships\nShips had a reflecting telescope first. [2]",
      "Newton\nThe first reflecting telescope was made in Cambridge. [3]",
    ]);
  });

  it("the same sentence once, though two sources have it", async () => {
    const { text } = await ask(QUESTION, [{ text: TELESCOPES }, { text: TELESCOPES, score: 0.9 }]);
    expect(text.split("Isaac Newton")).toHaveLength(2);
  });

  it("an answer that has the question's identifier, and not one about another", async () => {
    const sources = ["C", "C++", "C#"].map((name, place) => ({
      title: `Style guide for ${name}`,
      text: `# Style guide for ${name}\n\nIn ${name} indent by ${place + 2} spaces.`,
    }));
    const [c, cpp, csharp] = await Promise.all(
      ["C", "C++", "C#"].map((name) => ask(`How do I indent in ${name}?`, sources)),
    );
    expect(c?.text).toMatch(/^Style guide for C\nIn C indent by 2 spaces\. \[1\]$/);
    expect(cpp?.text).toMatch(/^Style guide for C\+\+\nIn C\+\+ indent by 3 spaces\. \[2\]$/);
    expect(csharp?.text).toMatch(/^Style guide for C#\nIn C# indent by 4 spaces\. \[3\]$/);
    expect((await ask("How do I indent in F#?", sources)).answered).toBe(false);
  });

  it("the section whose heading means the same, which is embedded once", async () => {
    const embedded: string[] = [];
    const embedder = {
      model: "all-MiniLM-L6-v2",
      async embed(texts: readonly string[]) {
        embedded.push(...texts);
        const vectors = texts.map((text) => (/stop|turning/i.test(text) ? [1, 0] : [0, 1]));
        return { vectors: vectors.map((vector) => Float32Array.from(vector)), cacheHits: 0, tokens: 0 };
      },
    };
    const similarity = 0.6;
    const sources = [
      { title: "Telemetry", heading: "Starting it", text: "Telemetry: set the endpoint of the collector.", similarity },
      {
        title: "Telemetry",
        heading: "Turning it off",
        text: "Telemetry: set the switch to false.",
        similarity,
        score: 0.8,
      },
    ];
    const generator = createExtractiveGenerator({ embedder });
    const prompt = buildPrompt("How do I stop telemetry?", sources.map(citation));
    expect((await generator.generate(prompt)).text).toMatch(/^Telemetry › Turning it off/);
    await generator.generate(prompt);
    expect(embedded.filter((text) => text === "Telemetry › Turning it off")).toHaveLength(1);
    expect((await ask("How do I stop telemetry?", sources)).text).toMatch(/^Telemetry › Starting it/);
  });

  it("where the words of the question are in it", async () => {
    const { text, highlights } = await ask(QUESTION, [{ title: "Optics", text: TELESCOPES }]);
    expect(highlights?.map(({ start, end }) => text.slice(start, end))).toEqual([
      "telescope",
      "built",
      "first reflecting telescope",
    ]);
  });

  it("no tokens or cost, and a model name that says it is no language model", async () => {
    const generation = await ask(QUESTION, [{ text: TELESCOPES }]);
    expect(generation).toMatchObject({ promptTokens: 0, completionTokens: 0, finishReason: "stop" });
    expect(generation).not.toHaveProperty("costUsd");
    expect(generation.model).toMatch(/no language model/);
  });
});

describe("the extractive generator says that the documents do not answer", () => {
  it.each([
    ["no citations", []],
    ["sources about something else", [{ text: "Bread rises by wild yeast.", similarity: 0.1 }]],
    ["a source that is nothing but the question", [{ text: `# ${QUESTION}`, similarity: 0.9 }]],
    ["sources with one of the question's many words", [{ text: "The first bread was flat.", similarity: 0.2 }]],
  ])("when there are %s", async (_, sources) => {
    const { text, answered, highlights } = await ask(QUESTION, sources);
    expect(answered).toBe(false);
    expect(text).toMatch(/^The documents do not answer this question\./);
    expect(text).not.toMatch(/\[\d+\]/);
    expect(highlights).toBeUndefined();
  });

  it("and names the nearest sections, which are no answer", async () => {
    const sources = [
      { title: "Optics", heading: "Optics > Lenses", text: "Lenses bend light.", similarity: 0.3 },
      { title: "Sky", text: "Comets return.", similarity: 0.25 },
    ];
    const { text, answered } = await ask(QUESTION, sources);
    expect(answered).toBe(false);
    expect(text).toBe("The documents do not answer this question. These sections may help:\n- Optics › Lenses\n- Sky");
  });

  it("when there is nothing to quote under the headings that fit", async () => {
    const { text, answered } = await ask("Which roles deploy?", [{ title: "Roles that deploy", text: POLICY }]);
    expect(answered).toBe(false);
    expect(text).toContain("- Roles that deploy");
  });

  it("but not when a source that comes after others with nothing to quote answers", async () => {
    const empty = Array.from({ length: 4 }, () => ({ title: "Roles that deploy", text: POLICY }));
    const { text, answered } = await ask("Which roles deploy?", [...empty, { text: "Two roles deploy." }]);
    expect(answered).toBe(true);
    expect(text).toBe("Two roles deploy. [5]");
  });

  it("when no source has the question's identifier", async () => {
    const text = "The option `--keep-going` goes on after errors. The option `--jobs` sets how many run.";
    expect((await ask("What does the option --keep do?", [{ text }])).answered).toBe(false);
    expect((await ask("What does the option --jobs do?", [{ text }])).answered).toBe(true);
  });

  it("and uses words alone when the store returns no similarity", async () => {
    const { similarity: _, ...source } = citation({ text: TELESCOPES });
    const generator = createExtractiveGenerator();
    expect((await generator.generate(buildPrompt(QUESTION, [source]))).answered).toBe(true);
    expect((await generator.generate(buildPrompt("Who paints the boats of Venice?", [source]))).answered).toBe(false);
  });
});
