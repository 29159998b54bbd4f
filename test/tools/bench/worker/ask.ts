export const QUESTION = "How do bees tell where flowers are?";
const QUESTIONS = [QUESTION, "What do ants mark the way to food with?", "How do birds of passage find their way?"];

/** Asks one of a few questions; resolves with the answer's trace id. */
export async function ask(url: string, number: number): Promise<string> {
  const response = await fetch(`${url}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question: QUESTIONS[number % QUESTIONS.length] }),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`POST /query responded with ${response.status}: ${body.slice(0, 500)}`);
  return JSON.parse(body).trace_id;
}

/** Asks for a stream; resolves with the milliseconds until its end. */
export async function askStream(url: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(`${url}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question: QUESTION, stream: true }),
  });
  const body = await response.text();
  if (!body.includes("event: done")) throw new Error(`POST /query streamed ${body.slice(-500)}`);
  return performance.now() - started;
}

/** Runs `run` for the numbers below `count`, so many at a time. */
export async function atATime(concurrency: number, count: number, run: (number: number) => Promise<void>) {
  let next = 0;
  async function work(): Promise<void> {
    for (let number = next++; number < count; number = next++) await run(number);
  }
  await Promise.all(Array.from({ length: concurrency }, work));
}
