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
  /** Estimates what a batch takes in memory while it waits, in bytes; by default next to nothing. */
  bytesOf?: (batch: Batch) => number;
  /** What an error of the exporter means for the batch; by default that it is lost. */
  readError?: (error: unknown) => ExportResponse;
}

/** A transport through an exporter of the SDK: OTLP's, the console, a test's memory. */
export function sdkExporterTransport<Batch>(
  exporter: Exporter<Batch>,
  { timeoutMs, bytesOf = () => 1, readError = readLoss }: SdkExporterOptions<Batch>,
): Transport<Batch, Batch> {
  async function send([batch]: readonly Batch[]): Promise<ExportResponse> {
    if (batch === undefined) return { outcome: "accepted", rejected: 0 };
    try {
      const exported = new Promise<ExportResult>((resolve) => exporter.export(batch, resolve));
      const { code, error } = await withTimeLimit({ ms: timeoutMs }, () => exported);
      return code === ExportResultCode.SUCCESS ? { outcome: "accepted", rejected: 0 } : readError(error);
    } catch (error) {
      return readError(error);
    }
  }
  return {
    mergeBytes: 0,
    pack: (batch) => ({ content: batch, bytes: bytesOf(batch) }),
    send,
    close: () => void exporter.shutdown().catch(() => {}),
  };
}

function readLoss(error: unknown): ExportResponse {
  return { outcome: "refused", reason: errorType(error), healthy: true };
}
