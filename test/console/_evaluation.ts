import { setTimeout as delay } from "node:timers/promises";
import type { Attributes, Trace } from "#console/contract.ts";
import { EVALUATION_EVENT } from "#telemetry/attributes.ts";

const TIMEOUT_MS = 15_000;

/** The attributes of the evaluations that the exported trace of an answer has, once its generation was exported. */
export async function evaluationsOf(url: string, traceId: string | undefined): Promise<Attributes[]> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const response = await fetch(`${url}/console/api/traces/${traceId}`);
    const { tree = [] } = (await response.json()) as Partial<Trace>;
    const generation = tree.find(({ name }) => name === "rag.llm_generation");
    if (generation) {
      return generation.events.filter(({ name }) => name === EVALUATION_EVENT).map(({ attributes }) => attributes);
    }
    if (Date.now() > deadline) throw new Error(`The generation of trace ${traceId} was not exported.`);
    await delay(100);
  }
}
