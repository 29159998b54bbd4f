import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { withTimeLimit } from "#async/time-limit.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import type { ExportResponse, Transport } from "./transport.ts";

interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

export interface SdkExporterOptions<Batch> {
  /** Milliseconds one export may take. */
  timeoutMs: number;
  /** Estimates the memory that a queued batch takes, in bytes; by default 1. */
  bytesOf?: (batch: Batch) => number;
  /** What an error of the exporter means for the batch; by default it is dropped. */
  readError?: (error: unknown) => ExportResponse;
}

/** Sends through an exporter of the SDK: OTLP's, the console's, a test's in-memory one. */
export function sdkExporterTransport<Batch>(
  exporter: Exporter<Batch>,
  { timeoutMs, bytesOf = () => 1, readError = readDropped }: SdkExporterOptions<Batch>,
): Transport<Batch, Batch> {
  async function send([batch]: readonly Batch[]): Promise<ExportResponse> {
    if (batch === undefined) return { status: "success", rejected: 0 };
    const { promise: exported, resolve } = Promise.withResolvers<ExportResult>();
    try {
      exporter.export(batch, resolve);
    } catch (error) {
      return readDropped(error); // for instance a batch that it cannot serialize
    }
    try {
      const { code, error } = await withTimeLimit({ ms: timeoutMs }, () => exported);
      return code === ExportResultCode.SUCCESS ? { status: "success", rejected: 0 } : readError(error);
    } catch (error) {
      return readError(error);
    }
  }
  return {
    maxRequestBytes: 0,
    serialize: (batch) => ({ content: batch, bytes: bytesOf(batch) }),
    send,
    close: () => void exporter.shutdown().catch(() => {}),
  };
}

function readDropped(error: unknown): ExportResponse {
  return { status: "failure", reason: errorType(error), endpointHealthy: true };
}
