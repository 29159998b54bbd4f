import { queryEvents } from "#http/schemas/responses.ts";
import { described, type SmokeResponse, Unexpected } from "./client.ts";
import { matches } from "./matches.ts";

export interface StreamedAnswer {
  /** Ids of the cited documents, in order. */
  documentIds: string[];
  deltas: number;
  answer: string;
  degraded: string[];
  traceId: string;
  /** Milliseconds from the request to the event. */
  citationsAtMs: number;
  doneAtMs: number;
}

const ADVICE = "Look at the trace, or send the query with curl -N and stream: true.";

/**
 * Reads a streamed answer: `citations`, at least one `delta`, then `done`, where the deltas add up to the answer.
 *
 * @throws Unexpected naming the first violation
 */
export function streamedAnswer(response: SmokeResponse): StreamedAnswer {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("text/event-stream")) {
    throw new Unexpected("content-type text/event-stream", `"${type}" with ${described(response)}`, ADVICE);
  }
  const events = eventsOf(response);
  const names = events.map(({ name }) => name);
  const [first, ...rest] = events;
  const last = rest.at(-1);
  const deltas = rest.slice(0, -1);
  if (first?.name !== "citations" || last?.name !== "done" || !deltas.every(({ name }) => name === "delta")) {
    const actual = names.includes("error") ? `an error event: ${events.at(-1)?.data}` : names.join(", ") || "no event";
    throw new Unexpected("the events citations, delta …, done", actual, ADVICE);
  }
  const { citations, degraded } = matches(queryEvents.citations, JSON.parse(first.data), "event citations");
  const text = deltas.map(({ data }) => matches(queryEvents.delta, JSON.parse(data), "event delta").text).join("");
  const done = matches(queryEvents.done, JSON.parse(last.data), "event done");
  if (deltas.length === 0) throw new Unexpected("at least one delta", "none", ADVICE);
  if (text !== done.answer)
    throw new Unexpected(`deltas that make up the answer ${JSON.stringify(done.answer)}`, JSON.stringify(text), ADVICE);
  return {
    documentIds: citations.map(({ document_id }) => document_id),
    deltas: deltas.length,
    answer: done.answer,
    degraded,
    traceId: done.trace_id,
    citationsAtMs: first.atMs,
    doneAtMs: last.atMs,
  };
}

/** Server-sent events, each with the time that it was complete at. */
function eventsOf({ pieces }: SmokeResponse): { name: string; data: string; atMs: number }[] {
  const events: { name: string; data: string; atMs: number }[] = [];
  let rest = "";
  for (const { text, atMs } of pieces) {
    const blocks = `${rest}${text}`.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, name = "message", data = ""] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      events.push({ name, data, atMs });
    }
  }
  return events;
}
