export type { FlushResult } from "#telemetry/lifecycle/flush.ts";
export type { Lifecycle, Runtime } from "#telemetry/lifecycle/lifecycle.ts";
export { getMeter, getTracer } from "#telemetry/sdk/globals.ts";
export type { AnswerEvaluation, EvaluateAnswer } from "#telemetry/traced/evaluation.ts";
export type { JudgeAnswer, Judgement } from "#telemetry/traced/judgements.ts";
export type { QueryStage } from "#telemetry/traced/query-errors.ts";
export type { Invocation, Serve, TraceContext } from "#telemetry/traced/server-span.ts";
export type { RunShadow, ShadowRun } from "#telemetry/traced/shadow-runs.ts";
export type {
  Edge,
  ExporterName,
  Platform,
  PropagatorName,
  Refusal,
  RefusalReport,
  SamplerName,
  TelemetrySettings,
} from "./settings.ts";
export { type PortTracers, setupTelemetry, type Telemetry, type TelemetryState } from "./setup.ts";
