import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { withTimeLimit } from "#async/time-limit.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import type { ExportResponse, Transport } from "./transport.ts";

interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

/** A way out through an exporter of the SDK: the console, a test's memory. What it fails with is not sent again. */
export function sdkExporterTransport<Batch>(exporter: Exporter<Batch>, timeoutMs: number): Transport<Batch, Batch> {
  async function send([batch]: readonly Batch[]): Promise<ExportResponse> {
    if (batch === undefined) return { outcome: "accepted", rejected: 0 };
    try {
      const exported = new Promise<ExportResult>((resolve) => exporter.export(batch, resolve));
      const { code, error } = await withTimeLimit({ ms: timeoutMs }, () => exported);
      if (code === ExportResultCode.SUCCESS) return { outcome: "accepted", rejected: 0 };
      return { outcome: "refused", reason: errorType(error), healthy: true };
    } catch (error) {
      return { outcome: "refused", reason: errorType(error), healthy: true };
    }
  }
  return {
    mergeBytes: 0,
    pack: (batch) => ({ content: batch, bytes: 1 }),
    send,
    close: () => void exporter.shutdown().catch(() => {}),
  };
}
