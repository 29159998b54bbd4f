import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** What clients got from a server until it refused them. */
export interface Answers {
  /** Trace ids of complete answers. */
  traceIds: string[];
  /** What went wrong with requests that were sent. */
  cut: string[];
}

/**
 * Asks from so many kept connections at once, every second time for a stream, until the server closes each of them.
 *
 * @param count of connections
 */
export async function askUntilClosed(url: string, count: number): Promise<Answers> {
  const answers: Answers = { traceIds: [], cut: [] };
  await Promise.all(Array.from({ length: count }, (_, index) => askOnOneConnection(url, answers, index)));
  return answers;
}

async function askOnOneConnection(url: string, { traceIds, cut }: Answers, first: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let turn = first; ; turn++) {
    try {
      const response = await ask(url, agent, turn % 2 === 0);
      const body = await text(response);
      const isStream = response.headers["content-type"] === "text/event-stream";
      const isComplete = response.statusCode === 200 && (!isStream || body.includes("event: done"));
      const traceId = /"trace_id":"(\w{32})"/.exec(body)?.[1];
      if (isComplete && traceId !== undefined) traceIds.push(traceId);
      else cut.push(`${response.statusCode}: ${body.slice(-200)}`);
      if (response.headers.connection === "close") return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // Nothing was sent.
      if (code !== "ECONNREFUSED") cut.push(message);
      return;
    }
  }
}

function ask(url: string, agent: Agent, stream: boolean): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(`${url}/query`, { method: "POST", agent, headers: { "content-type": "application/json" } })
    .once("response", resolve)
    .once("error", reject)
    .end(JSON.stringify({ question: "How do bees tell where flowers are?", stream }));
  return promise;
}
