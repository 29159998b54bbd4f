/** A figure measured by others. */
export interface Cited {
  value: number;
  unit: string;
  /** Conditions of the measurement. */
  about: string;
  source: string;
}

/** Figures of the collector as a Lambda extension layer. */
export const COLLECTOR_LAYER = {
  memory: {
    value: 77,
    unit: "MB",
    about:
      "Max Memory Used of a Node.js 18 function, 185 MB with the ADOT layer 1.30.1 and 108 MB without; the layer's JavaScript SDK is part of it. The collector's binary alone is 48 MB (open-telemetry/opentelemetry-lambda, issue 2218, April 2026)",
    source: "https://github.com/aws-observability/aws-otel-lambda/issues/228 (April 2025)",
  },
  init: {
    value: 200,
    unit: "ms",
    about: "Init Duration of a Go function of 1 GB, 300 ms with the collector layer and 100 ms without",
    source: "https://github.com/aws-observability/aws-otel-lambda/issues/228 (July 2022)",
  },
  exportEachTime: {
    value: 130,
    unit: "ms per invocation",
    about:
      "added to Billed Duration by a layer 0.68 that exports after each invocation; with batch and decouple processors it need not",
    source: "https://github.com/open-telemetry/opentelemetry-lambda/issues/493 (February 2023)",
  },
} as const satisfies Record<string, Cited>;

export const VCPU: Cited = {
  value: 1_769,
  unit: "MB",
  about: "of memory come with one vCPU, less memory with a proportional share",
  source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
};

export const COLD_STARTS: Cited = {
  value: 0.01,
  unit: "of the invocations",
  about: "AWS states less than 1 %; taken as an upper bound",
  source: "https://edgedelta.com/company/knowledge-center/aws-lambda-cold-start-cost (December 2025, quoting AWS)",
};
