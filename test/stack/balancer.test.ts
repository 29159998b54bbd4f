import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { preparePrograms } from "../../local-stack/native/build.ts";
import { runsDocker } from "../../local-stack/stack/create.ts";
import { type Asked, Environment } from "./_fleet.ts";
import { killProgram, type Layers, startLayers } from "./_layers.ts";
import { closeTo, type Sums, sendDeltas, sumsIn } from "./_otlp.ts";
import { figure } from "./_report.ts";
import { eventually } from "./_stack.ts";
import { spansOf } from "./_truth.ts";

/** What a collector holds: a trace until its decision (2 s, looked for each second), then batches of 0.2 s. */
const HELD_MS = 4_000;
const WRITERS = 40;
const SECONDS = (count: number) => delay(count * 1_000);

let layers: Layers;
beforeAll(async () => {
  if (!runsDocker()) layers = await startLayers({ COLLECTOR_SAMPLING_PERCENTAGE: "10" });
});
afterAll(() => layers?.down());

/** A trace of two questions from two environments, of which the second one fails or not. */
interface Sent {
  traceId: string;
  failed: boolean;
  asked: readonly Asked[];
  /** Milliseconds of `Date.now()`: before the first question, and after both flushes. */
  from: number;
  until: number;
  accepted: boolean;
}

/** Two environments that ask until `signal` aborts; every second trace fails. */
async function load(endpoint: string, signal: AbortSignal): Promise<Sent[]> {
  const pair = [new Environment({ endpoint }), new Environment({ endpoint })] as const;
  const sent: Sent[] = [];
  while (!signal.aborted) {
    const traceId = randomBytes(16).toString("hex");
    const failed = sent.length % 2 === 0;
    const from = Date.now();
    const asked = [await pair[0].ask({}, traceId), await pair[1].ask(failed ? { fail: "vector_search" } : {}, traceId)];
    const flushed = await Promise.all(pair.map((environment) => environment.flush()));
    sent.push({ traceId, failed, asked, from, until: Date.now(), accepted: flushed.every(({ ok }) => ok) });
    await delay(40);
  }
  await Promise.all(pair.map((environment) => environment.end()));
  return sent;
}

/** Those of which Jaeger has no span, or not all of them. */
async function incomplete(sent: readonly Sent[]): Promise<{ none: Sent[]; some: Sent[] }> {
  const none: Sent[] = [];
  const some: Sent[] = [];
  for (let first = 0; first < sent.length; first += 20) {
    const check = async (one: Sent) => {
      const trace = await layers.stack.traces.trace(one.traceId);
      if (!trace) none.push(one);
      else if (trace.spans.length !== spansOf(one.asked)) some.push(one);
    };
    await Promise.all(sent.slice(first, first + 20).map(check));
  }
  return { none, some };
}

test.skipIf(runsDocker())(
  "two collectors behind one that divides traces by their ids keep every trace with an error, and one adds up all metrics, while one of the two is killed and started again",
  { timeout: 300_000 },
  async () => {
    const { otlp, samplers, stack } = layers;
    const [, killed] = samplers;
    if (!killed) throw new Error("there is no second collector");
    const stopped = new AbortController();
    const pairs = Array.from({ length: 4 }, () => load(otlp, stopped.signal));
    await SECONDS(6);
    const deltas = sendDeltas(otlp, WRITERS, 50);
    await SECONDS(1);
    const killedAt = Date.now();
    await killed.kill();
    await SECONDS(6);
    await killed.start();
    await SECONDS(5);
    stopped.abort();
    const sent = (await Promise.all(pairs)).flat();
    const counted = await deltas;

    const isOf = ({ digits }: { digits: string }, { traceId }: Sent) => digits.includes(traceId.slice(-1));
    const wasHeld = (one: Sent) => isOf(killed, one) && one.from < killedAt && one.until > killedAt - HELD_MS;
    const held = sent.filter(wasHeld);
    const others = sent.filter((one) => !wasHeld(one));
    const failed = others.filter((one) => one.failed);
    const missing = await eventually(
      () => incomplete(failed),
      ({ none, some }) => none.length + some.length === 0,
    );
    const ordinary = others.filter((one) => !one.failed);
    const notKept = await incomplete(ordinary);
    const lost = await incomplete(held.filter((one) => one.failed));
    const sums = await sumsIn(stack.queries, counted);
    const started = await stack.queries.value("sum(faas_coldstarts_total)");

    figure("2 collectors of traces and one of metrics behind a balancer, one of the 2 killed for 6 s", "as expected", [
      `${failed.length - missing.none.length - missing.some.length} of ${failed.length} traces with an error complete`,
      `${samplers.map((sampler) => sent.filter((one) => isOf(sampler, one)).length).join(" and ")} traces`,
      `${lost.none.length} and parts of ${lost.some.length} of the ${held.filter((one) => one.failed).length} that it may have held lost`,
      `${ordinary.length - notKept.none.length} of ${ordinary.length} others kept`,
      `${sums.counter} of ${counted.counter} increments`,
    ]);
    expect(sent.filter(({ accepted }) => !accepted)).toEqual([]);
    expect([missing.none, missing.some, notKept.some]).toEqual([[], [], []]);
    expect(sums).toEqual(closeTo(counted));
    expect(started).toBe(2 * pairs.length);
    // It was killed with traces in its memory, and both sampled.
    expect(lost.none.length).toBeGreaterThan(0);
    for (const sampler of samplers) expect(failed.filter((one) => isOf(sampler, one)).length).toBeGreaterThan(20);
    expect(ordinary.length - notKept.none.length).toBeLessThan(ordinary.length / 3);
  },
);

test.skipIf(runsDocker())(
  "the balancer holds metrics while their collector is away, and loses none",
  { timeout: 200_000 },
  async () => {
    const { otlp, stack } = layers;
    const collector = { name: "collector", command: preparePrograms(["collector"]).collector };
    await killProgram(collector, stack.folder);
    const counted: Sums = await sendDeltas(otlp, WRITERS, 10);
    await stack.start("collector");
    const sums = await sumsIn(stack.queries, counted);
    figure("the collector of metrics killed", "100 % of increments", [`${sums.counter} of ${counted.counter}`]);
    expect(sums).toEqual(closeTo(counted));
  },
);
