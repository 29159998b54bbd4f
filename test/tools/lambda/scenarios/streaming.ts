import { startOpenAIServer } from "../../../support/openai-server.ts";
import { attribute } from "../../../support/otlp.ts";
import { embedEvent, queryEvent } from "../events.ts";
import type { Row, Scenario, Stage } from "../stage.ts";
import { quantile } from "../stats.ts";
import type { StreamedResponse } from "../streamed-answer.ts";

const TIMES = 10;
const CONTENT = "Bees tell each other where flowers are by a waggle dance, and they do so in the dark of the hive [1].";
const WORDS = CONTENT.split(" ").length;
const TOKEN_DELAY_MS = 20;

/** An answer is streamed word by word while the model is still generating. */
export const streaming: Scenario = {
  name: "streaming",
  async run(stage) {
    const openai = await startOpenAIServer({ chat: () => ({ content: CONTENT }), tokenDelayMs: TOKEN_DELAY_MS });
    const env = { OPENAI_BASE_URL: openai.url, RAG_DATA_DIR: stage.folder("streaming-data") };
    try {
      const embed = await stage.start({ env, handler: "embed.handler" });
      await (await embed.invoke(embedEvent())).settled;
      return [await streamed(stage, openai, env), await buffered(stage, env)];
    } finally {
      await openai.close();
    }
  },
};

type OpenAIServer = Awaited<ReturnType<typeof startOpenAIServer>>;

async function streamed(stage: Stage, openai: OpenAIServer, env: Record<string, string>): Promise<Row> {
  const collector = await stage.collector();
  const environment = await stage.start({ collector, env, handler: "query.stream" });
  let complete = 0;
  let early = 0;
  let traced = 0;
  const firstMs: number[] = [];
  for (let turn = 0; turn < TIMES; turn += 1) {
    const started = performance.now();
    const { requestId, outcome, body, at, settled } = await environment.invoke(queryEvent({ stream: true }));
    const response = body as StreamedResponse;
    await settled;
    const deltas = response.chunks.filter(({ text }) => text.startsWith("event: delta"));
    const streamedText = [...response.body.matchAll(/^event: delta\ndata: (.*)$/gm)].map(
      ([, data = ""]) => JSON.parse(data).text,
    );
    const ended = response.body.includes("\n\nevent: done\n");
    if (outcome === "response" && streamedText.join("") === CONTENT && deltas.length > WORDS / 2 && ended)
      complete += 1;
    const model = openai.requests.findLast(({ endpoint }) => endpoint === "chat");
    const first = deltas[0]?.at ?? Number.POSITIVE_INFINITY;
    firstMs.push(first - started);
    if (first < (model?.endedAt ?? 0)) early += 1;
    const root = collector.ledger.roots().find((span) => attribute(span, "faas.invocation.id") === requestId);
    const generation = collector.ledger.spans.find(
      ({ name, traceId }) => name === "rag.llm_generation" && traceId === root?.traceId,
    );
    const isTraced = generation && attribute(generation, "gen_ai.response.time_to_first_chunk") !== undefined;
    if (isTraced && root && root.at >= at) traced += 1;
  }
  return {
    figure: `answers streamed, ${WORDS} words, ${TOKEN_DELAY_MS} ms each`,
    goal: "first word before the model's last; the trace after the last byte",
    measured:
      `${complete} of ${TIMES} complete; ${early} began before the model finished, ` +
      `after ${quantile(firstMs, 0.5).toFixed(0)} ms (p50); ${traced} traces`,
    ok: complete === TIMES && early === TIMES && traced === TIMES,
  };
}

/** Behind API Gateway, which does not stream, the response is one buffered result, for server-sent events too. */
async function buffered(stage: Stage, env: Record<string, string>): Promise<Row> {
  const environment = await stage.start({ env });
  const results: string[] = [];
  for (const stream of [false, true]) {
    const { body, settled } = await environment.invoke(queryEvent({ stream }));
    const { statusCode, headers = {}, body: text = "" } = body as Partial<StreamedResponse>;
    const data = stream ? text.split("event: ").at(-1)?.split("data: ").at(-1) : text;
    const { answer } = JSON.parse(data ?? "{}");
    results.push(`${statusCode} ${headers["content-type"]} ${answer === CONTENT ? "complete" : "incomplete"}`);
    await settled;
  }
  return {
    figure: "answers buffered",
    goal: "one result, JSON or server-sent events",
    measured: results.join("; "),
    ok: results.join() === "200 application/json complete,200 text/event-stream complete",
  };
}
