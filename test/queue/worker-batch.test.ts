import { expect, test } from "vitest";
import { settle, toMessages } from "#queue/worker-batch.ts";

function batchOf(...bodies: unknown[]) {
  const settled: string[] = [];
  const messages = bodies.map((body, index) => ({
    ...{ id: `m-${index}`, body, attempts: index + 1 },
    ack: () => void settled.push(`ack m-${index}`),
    retry: () => void settled.push(`retry m-${index}`),
  }));
  return { batch: { queue: "ingest", messages }, settled };
}

const bodiesOf = (...bodies: unknown[]) => toMessages(batchOf(...bodies).batch).map(({ body }) => body);

test("a batch becomes messages, with the tenant and the sender's trace from their bodies", () => {
  const { batch } = batchOf({ documents: [], tenant: "alice", traceparent: "00-x" }, { documents: [] });
  const common = { system: "cloudflare.queues", queue: "ingest", body: '{"documents":[]}' };
  expect(toMessages(batch)).toEqual([
    { ...common, id: "m-0", deliveries: 1, tenant: "alice", traceparent: "00-x" },
    { ...common, id: "m-1", deliveries: 2 },
  ]);
});

test("a body may be text or bytes", () => {
  const text = '{"documents":[],"tenant":"alice"}';
  const bytes = new TextEncoder().encode(text);
  expect(bodiesOf(text, bytes, bytes.buffer)).toEqual(Array.from({ length: 3 }, () => '{"documents":[]}'));
});

test("what is no envelope is left to what reads the body", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  expect(bodiesOf("{", "", [1], null, { tenant: 1 }, circular, undefined)).toEqual([
    ...["{", "", "[1]", "null", '{"tenant":1}', "(no JSON)", "(no JSON)"],
  ]);
});

test("messages that failed are delivered again, the others are not", () => {
  const { batch, settled } = batchOf({}, {}, {});
  settle(
    batch,
    toMessages(batch).filter(({ id }) => id === "m-1"),
  );
  expect(settled).toEqual(["ack m-0", "retry m-1", "ack m-2"]);
});
