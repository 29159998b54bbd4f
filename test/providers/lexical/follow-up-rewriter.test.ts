import { describe, expect, it } from "vitest";
import { dependsOnHistory } from "#providers/lexical/depends-on-history.ts";
import { createFollowUpRewriter } from "#providers/lexical/follow-up-rewriter.ts";
import type { Message } from "#rag/query-rewriter.ts";

describe("a question depends on what was said before it when it", () => {
  it.each([
    [
      "has a pronoun for something that it does not name",
      [
        "how do I turn it off?",
        "what happens to one that fails?",
        "is that completely prevented?",
        "which settings do I need for that?",
        "can I make that longer?",
        "can the functions read them at start",
      ],
    ],
    ["has no verb", ["and Jaeger?", "what about Qdrant?", "for how long?", "also on Lambda?", "which formats"]],
    ["has hardly a word of its own", ["what is the default", "why?", "so how do I start?", "who gets notified?"]],
    ["refers to an order of things", ["can I go back to the old one afterwards, or the new folder?"]],
  ])("%s", (_, questions) => expect(questions.filter((question) => !dependsOnHistory(question))).toEqual([]));
});

describe("a question stands alone when it", () => {
  it.each([
    ["names what it is about", ["How do I rotate an API key?", "Do I need Docker?", "What does OTEL_SDK_DISABLED do?"]],
    [
      "names in an earlier clause what a pronoun stands for",
      [
        "If the collector is down, does a request get its answer?",
        "How can I check a deployment before it is made?",
        "I want to ingest a website, how do I do that?",
        "What happens to a message that failed five times?",
      ],
    ],
    ["defines, or introduces what it is about", ["What is groundedness?", "Is there any authentication?"]],
    ["begins with its subject", ["How do refunds work?", "Where is billing?", "What do bees tell each other?"]],
    ["has numbers, not pronouns", ["Can one tenant read documents of another tenant?"]],
    ["begins like a follow-up and is complete", ["And how do I report a vulnerability?"]],
    ["is a list of search words", ["rate limit per api key", "error 413", "circuit_open"]],
    ["says that it is about something else", ["Something else: how does it start?"]],
    ["asks nothing", ["ok thanks", "!?"]],
    ["has enough words of its own, whatever 'it' is", ["Does it support streaming answers?"]],
    ["is about the one who asks", ["What do I need to have installed?"]],
    ["is in another language", ["Wie schalte ich die Telemetrie aus?"]],
  ])("%s", (_, questions) => expect(questions.filter(dependsOnHistory)).toEqual([]));
});

describe("the rewriting without a model", () => {
  const rewriter = createFollowUpRewriter();
  const rewrite = async (...turns: string[]) => {
    const history = turns.slice(0, -1).flatMap((content): Message[] => [
      { role: "user", content },
      { role: "assistant", content: "It depends on elephants. [1]" },
    ]);
    return (await rewriter.rewrite(turns.at(-1) ?? "", history)).question;
  };

  it("puts the significant words of the question before a follow-up", async () => {
    expect(await rewrite("How do I turn telemetry off?", "and only the traces?")).toBe(
      "turn telemetry off: and only the traces?",
    );
  });

  it("goes back to the last question that stood alone, and takes those since", async () => {
    const turns = ["Where is the store?", "How do I deploy to AWS?", "which region does it use?", "can I change it?"];
    expect(await rewrite(...turns)).toBe("deploy AWS region: can I change it?");
  });

  it("takes all that was asked when nothing stood alone", async () => {
    expect(await rewrite("can it use documents?", "which formats", "why?")).toBe("documents formats: why?");
  });

  it("leaves out a name that another takes the place of", async () => {
    expect(await rewrite("Which port does Grafana use?", "and Jaeger?")).toBe("port: and Jaeger?");
    expect(await rewrite("How do I use Ollama?", "what about Qdrant?")).toBe("what about Qdrant?");
  });

  it("takes no word twice, and at most the last twelve", async () => {
    const words = Array.from({ length: 20 }, (_, index) => `topic${index}`).join(" ");
    expect(await rewrite(`Explain Topic19 and ${words}`, "why?")).toBe(
      "topic7 topic8 topic9 topic10 topic11 topic12 topic13 topic14 topic15 topic16 topic17 topic18: why?",
    );
  });

  it("leaves alone what stands alone, and what has no words before it to add", async () => {
    expect(await rewrite("How do I turn telemetry off?", "Do I need Docker?")).toBe("Do I need Docker?");
    expect(await rewrite("thanks", "why?")).toBe("why?");
  });

  it("bills nothing", async () => {
    expect(await rewriter.rewrite("why?", [])).toEqual({
      question: "why?",
      promptTokens: 0,
      completionTokens: 0,
      model: "follow-up-rule",
    });
  });
});
