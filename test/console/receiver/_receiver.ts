import { onTestFinished } from "vitest";
import type { OtlpMetric, OtlpSpan } from "#console/receiver/payload.ts";
import { startReceiver } from "#console/receiver/receiver.ts";
import { freePort } from "../../../local-stack/stack/ports.ts";

export interface Recording {
  url: string;
  spans: OtlpSpan[];
  metrics: OtlpMetric[];
}

/** A receiver that records, until the test has finished. */
export async function startRecording(): Promise<Recording> {
  const [spans, metrics]: [OtlpSpan[], OtlpMetric[]] = [[], []];
  const receiver = await startReceiver(await freePort(), {
    onTraces: (payload) => void spans.push(...payload.spans),
    onMetrics: (payload) => void metrics.push(...payload.metrics),
  });
  if (!receiver) throw new Error("the port is in use");
  onTestFinished(() => receiver.close());
  return { url: receiver.url, spans, metrics };
}
