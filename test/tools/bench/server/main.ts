/**
 * `npm run bench -- server [--seconds 60] [--rounds 1] [--connections 64] [--json]`: many concurrent clients ask the server
 * and serverless-offline the golden questions in turn, one after the other in each round, with embedded parts and with
 * telemetry on. Exits with 1 when a goal is missed.
 */
import { parseArgs } from "node:util";
import type autocannon from "autocannon";
import { median } from "../../lambda/stats.ts";
import { drive, questionBodies, WARM_UP_SECONDS } from "../load/run.ts";
import { type Contestant, startContestants } from "./contestants.ts";
import { missedGoals, type ServerFigures } from "./goals.ts";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    seconds: { type: "string", default: "60" },
    rounds: { type: "string", default: "1" },
    connections: { type: "string", default: "64" },
    json: { type: "boolean", default: false },
  },
});
const [seconds, rounds, connections] = [values.seconds, values.rounds, values.connections].map(Number);
if (!seconds || !rounds || !connections) throw new Error("--seconds, --rounds and --connections must be at least 1");

const body = await questionBodies(false);
const { contestants, stop } = await startContestants();
try {
  const questions = allOf(body);
  for (const { url } of contestants) {
    for (const question of questions) await ask(url, question);
    await drive({ url }, { connections, duration: WARM_UP_SECONDS, body });
  }
  const results = new Map<string, autocannon.Result[]>();
  for (let round = 0; round < rounds; round++) {
    for (const { name, url } of inTurn(contestants, round)) {
      const result = await drive({ url }, { connections, duration: seconds, body });
      results.set(name, [...(results.get(name) ?? []), result]);
    }
  }
  const figures = [...results].map(([name, of]) => figuresOf(name, of));
  const missed = missedGoals(figures);
  if (values.json) console.log(JSON.stringify({ seconds, rounds, connections, figures, missed }));
  else {
    console.table(figures);
    console.log(missed.length > 0 ? missed.map((goal) => `missed: ${goal}`).join("\n") : "all goals met");
  }
  if (missed.length > 0) process.exitCode = 1;
} finally {
  await stop();
}

/** The bodies that are asked in turn. */
function allOf(next: () => string): ReadonlySet<string> {
  const bodies = new Set<string>();
  for (let body = next(); !bodies.has(body); body = next()) bodies.add(body);
  return bodies;
}

/** Each question once, so that its embeddings are cached before anything is measured. */
async function ask(url: string, body: string): Promise<void> {
  const response = await fetch(`${url}/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await response.text();
}

/** Every second round in reverse, so that a machine that gets slower favours nobody. */
function inTurn(contestants: readonly Contestant[], round: number): readonly Contestant[] {
  return round % 2 === 0 ? contestants : contestants.toReversed();
}

/** Errors are those of all rounds; everything else is the median of the rounds. */
function figuresOf(name: string, results: readonly autocannon.Result[]): ServerFigures {
  const of = (figure: (result: autocannon.Result) => number) => median(results.map(figure));
  const errors = results.map(({ errors, timeouts, non2xx, mismatches }) => errors + timeouts + non2xx + mismatches);
  return {
    name,
    errors: errors.reduce((total, count) => total + count, 0),
    requests_per_second: of(({ requests }) => requests.average),
    p50_ms: of(({ latency }) => latency.p50),
    p99_ms: of(({ latency }) => latency.p99),
    p99_to_p50: Number(of(({ latency }) => latency.p99 / latency.p50).toFixed(2)),
  };
}
