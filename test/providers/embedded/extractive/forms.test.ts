import { describe, expect, it } from "vitest";
import { ask } from "./_ask.ts";

/** The answer without its source's number. */
async function answerTo(question: string, text: string): Promise<string> {
  const generation = await ask(question, [{ text }]);
  expect(generation.answered).toBe(true);
  return generation.text.replace(/ ?\[1\]/, "");
}

const SERVICES = [
  "| Service | where | changed by |",
  "|---|---|---|",
  "| Grafana | port 3001 | `GRAFANA_PORT` |",
  "| Jaeger | port 16686 | — |",
  "| Prometheus | port 9090 | `PROMETHEUS_PORT` |",
].join("\n");

const STEPS = [
  "To install the printer:",
  "",
  "1. Plug the printer in.",
  "2. Download the driver:",
  "   ```sh",
  "   curl -O https://example.org/driver",
  "   ```",
  "3. Restart.",
  "",
  "The printer was made in 1999.",
].join("\n");

const FAQ = [
  "**Q: How do I open the gate?**",
  "A: Turn the brass key.",
  "",
  "**Q: How do I close the gate?**",
  "A: Push it until it clicks.",
].join("\n");

describe("an answer without a language model", () => {
  it("has of a table only the rows that match, with the names of their columns", async () => {
    expect(await answerTo("Where is Grafana?", SERVICES)).toBe(
      "Grafana — where: port 3001; changed by: `GRAFANA_PORT`",
    );
    expect(await answerTo("Where is Jaeger?", SERVICES)).toBe("Jaeger — where: port 16686");
  });

  it("has rows without the names of columns when the chunk begins within a table", async () => {
    const rows = SERVICES.split("\n").slice(2).join("\n");
    expect(await answerTo("Where is Grafana?", rows)).toBe("Grafana — port 3001; `GRAFANA_PORT`");
  });

  it("has code with the line that introduces it, as it can be copied", async () => {
    const text = "Start the server with:\n\n```sh\ncd app\nnpm run server\n```\n\nThen wait.";
    const { text: answer } = await ask("How do I start the server?", [{ text }]);
    expect(answer).toBe("Start the server with:\n    cd app\n    npm run server\nThen wait. [1]");
    const alone = await ask("How do I start the server?", [{ text: text.replace("\n\nThen wait.", "") }]);
    expect(alone.text).toBe("Start the server with: [1]\n    cd app\n    npm run server");
  });

  it("has all the steps, in order, where it is asked how", async () => {
    expect(await answerTo("How do I install the printer?", STEPS)).toBe(
      [
        "To install the printer:",
        "1. Plug the printer in.",
        "2. Download the driver:",
        "    curl -O https://example.org/driver",
        "3. Restart.",
      ].join("\n"),
    );
  });

  it("has all steps of a list that is longer than a passage", async () => {
    const steps = Array.from(
      { length: 12 },
      (_, n) => `${n + 1}. Turn screw ${n + 1} of the printer until it is tight.`,
    );
    const answer = await answerTo("How do I mount the printer?", ["To mount the printer:", "", ...steps].join("\n"));
    expect(answer).toBe(["To mount the printer:", ...steps].join("\n"));
  });

  it.each([
    ["lines with Q and A", FAQ],
    ["questions in bold", FAQ.replaceAll("Q: ", "").replaceAll("A: ", "")],
    ["questions that are headings", FAQ.replaceAll(/\*\*Q: (.*)\*\*/g, "### $1\n").replaceAll("A: ", "")],
    [
      "a table",
      "| Question | Answer |\n|-|-|\n| How do I open the gate? | Turn the brass key. |\n| How do I close the gate? | Push it until it clicks. |",
    ],
    ["details", FAQ.replaceAll(/\*\*Q: (.*)\*\*/g, "<details><summary>$1</summary>\n").replaceAll("A: ", "")],
  ])("has of a FAQ the answer and not the question: %s", async (_, text) => {
    const answer = await answerTo("How do I close the gate?", text);
    expect(answer).toContain("Push it until it clicks.");
    expect(answer).not.toContain("brass key");
    expect(
      answer
        .replace(/^### .*/m, "")
        .split("\n")
        .at(-1),
    ).not.toContain("?");
  });

  it("reads past the phrases around a question", async () => {
    const answer = await answerTo("Hi there, could you please tell me where Grafana is? Thanks!", SERVICES);
    expect(answer).toMatch(/^Grafana — where: port 3001/);
  });

  it("has of a list of terms only the item that was asked about, with what belongs to it", async () => {
    const text = [
      "- `--jobs` *n*: Runs at most that many builds.",
      "- `--keep`: Leaves the scratch folder, unlike `--jail`:",
      "",
      "  ```sh",
      "  quokka --keep",
      "  ```",
      "- `--jail` — Runs without network.",
    ].join("\n");
    const keep = "- `--keep`: Leaves the scratch folder, unlike `--jail`:\n    quokka --keep";
    expect(await answerTo("What does --keep do?", text)).toBe(keep);
    expect(await answerTo("What does --jail do?", text)).toMatch(/^- `--jail` — Runs without network\.$/m);
    const definitions = "`--jobs` *n*\n: Runs at most that many builds.\n\n`--keep`\n: Leaves the scratch folder.";
    expect(await answerTo("What does --keep do?", definitions)).toBe("- `--keep`: Leaves the scratch folder.");
  });

  it("has a row alone when it has most of the question's words, and the prose around it otherwise", async () => {
    const text = `Each service has a page of its own.\n\n${SERVICES}`;
    expect(await answerTo("Where is Grafana?", text)).toMatch(/^Grafana — where/);
    expect(await answerTo("Which service has a page of its own?", text)).toMatch(/^Each service has a page/);
  });

  it("does not end by introducing what is in another chunk", async () => {
    const answer = await answerTo(
      "How do I remove the printer?",
      "The printer can be removed.\n\nTo remove the printer:",
    );
    expect(answer).toBe("The printer can be removed.");
  });
});
