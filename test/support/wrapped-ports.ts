import type { AnswerPorts } from "#rag/answer.ts";
import type { IngestPorts } from "#rag/ingest.ts";
import type { Telemetry } from "#telemetry/index.ts";
import type { Metering } from "#usage/metered-ports.ts";

/** The ports of both pipelines. */
export type Ports = AnswerPorts & IngestPorts;

/** Wraps the ports with tracing. */
export function tracePorts<Traced extends Partial<Ports>>({ trace }: Telemetry, ports: Traced): Traced {
  const { chunker, embedder, store, reranker, generator } = ports;
  return {
    ...ports,
    ...(chunker && { chunker: trace.chunker(chunker) }),
    ...(embedder && { embedder: trace.embedder(embedder) }),
    ...(store && { store: trace.store(store) }),
    ...(reranker && { reranker: trace.reranker(reranker) }),
    ...(generator && { generator: trace.generator(generator) }),
  };
}

/** Wraps the billed ports with metering. */
export function meterPorts<Metered extends Pick<AnswerPorts, "embedder" | "generator">>(
  metering: Metering,
  ports: Metered,
): Metered {
  return { ...ports, embedder: metering.embedder(ports.embedder), generator: metering.generator(ports.generator) };
}
