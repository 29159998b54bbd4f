/**
 * `npm run bench -- transport [--flushes 400] [--processes 6] [--json]`: CPU time of a flush's two requests to a
 * collector over node:http with keep-alive, and over lib/telemetry's HTTP/1.1 client. node:http is loaded and in use in
 * both processes, as in a function that calls its services over it. Other work runs before each flush, so that CPU
 * caches are as cold as after an invocation.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FaultyCollector } from "../../lambda/faulty-collector.ts";
import { median } from "../../lambda/stats.ts";
import { range, report, short } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";

const CLIENTS = ["node:http", "http1"] as const;
type Client = (typeof CLIENTS)[number];
type Pair = Record<Client, number>;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    flushes: { type: "string", default: "400" },
    processes: { type: "string", default: "6" },
    json: { type: "boolean", default: false },
  },
});
const [flushes, processes] = [Number(values.flushes), Number(values.processes)];
if (!(flushes >= 1 && processes >= 1)) throw new Error("--flushes and --processes must be numbers above 0");

const collector = await FaultyCollector.start();
try {
  const pairs: Pair[] = [];
  for (let round = 0; round < processes; round += 1) {
    const order = round % 2 === 0 ? CLIENTS : CLIENTS.toReversed();
    const pair: Pair = { "node:http": 0, http1: 0 };
    for (const client of order) pair[client] = await measure(client);
    pairs.push(pair);
  }
  const row = (client: Client) => ({
    client,
    "CPU µs per flush, median of processes": short(median(pairs.map((pair) => pair[client]))),
  });
  const ratio = bootstrap(pairs, (drawn) => median(drawn.map((pair) => pair.http1 / pair["node:http"])));
  const saved = bootstrap(pairs, (drawn) => median(drawn.map((pair) => pair["node:http"] - pair.http1)));
  const withRange = (estimate: typeof ratio) => `${short(estimate.value)} (${range(estimate)})`;
  report(
    "transport",
    {
      "Two requests to a collector": CLIENTS.map(row),
      "http1 against node:http": [{ ratio: withRange(ratio), "µs saved per flush": withRange(saved) }],
    },
    [],
  );
} finally {
  await collector.close();
}

/** CPU microseconds per flush, in a separate process. */
async function measure(client: Client): Promise<number> {
  const child = fork(join(import.meta.dirname, "transport-process.ts"), [client, collector.url, String(flushes)]);
  const [micros] = (await once(child, "message")) as [number];
  await once(child, "exit");
  return micros;
}
