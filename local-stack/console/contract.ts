/**
 * What the console's server and its page exchange: JSON below `/console/api/`. Absent numbers are unknown or have not
 * happened yet, never zero.
 */

import type { MarkdownNode } from "./markdown/nodes.ts";

/** A value of OTLP's AnyValue; bytes are base64. */
export type AttributeValue = string | number | boolean | AttributeValue[] | { [key: string]: AttributeValue };
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Where traces and metrics are read from. */
export type TelemetryState =
  /** The console's own receiver; `endpoint` is its URL for OTLP/HTTP. */
  | { kind: "receiver"; endpoint: string }
  /** A collector listens on the OTLP port: Jaeger and Prometheus are asked. URLs of their pages, for links. */
  | { kind: "stack"; endpoint: string; jaeger: string; prometheus: string; grafana: string }
  /** Telemetry is exported to another machine, or to the terminal. */
  | { kind: "elsewhere"; endpoint: string }
  /** `OTEL_ENABLED=false`. */
  | { kind: "off" };

/** `GET /console/api/status`, and the event `status` of `GET /console/api/events`. */
export interface Status {
  functions: "starting" | "ready" | "stopped";
  /** Documents of the sample corpus, while it is being read. */
  reading?: { done: number; total: number };
  telemetry: TelemetryState;
  /** Whether requests need an API key. */
  needsKey: boolean;
}

/** The events of `GET /console/api/events`, server-sent, with their JSON data. */
export interface ConsoleEvents {
  status: Status;
  /** Spans of these traces were received. */
  traces: { trace_ids: string[] };
  /** Metrics were received. */
  metrics: Record<string, never>;
}

export interface TraceSummary {
  /** 32 hexadecimal digits, lower case. */
  trace_id: string;
  /** Of the root span, such as "POST /query"; of the first span, where the root was not received. */
  name: string;
  service: string;
  /** `http.route` of the root. */
  route?: string;
  /** Milliseconds since 1970. */
  start_ms: number;
  /** From the first start to the last end. */
  duration_ms: number;
  /** HTTP status of the response. */
  status?: number;
  /** Whether the root, or what it waited for, failed. */
  failed: boolean;
  /** The stages that were skipped. */
  degraded: string[];
  cold_start: boolean;
  spans: number;
  /** Prompt and completion tokens of all spans. */
  tokens?: number;
  cost_usd?: number;
}

/** `GET /console/api/traces?…`: newest first. All conditions hold. */
export interface TraceFilter {
  /** At least this long. */
  min_ms?: number;
  failed?: boolean;
  degraded?: boolean;
  /** `http.route`, exactly. */
  route?: string;
  /** Beginning of a trace id. */
  id?: string;
  /** Only traces that started before: milliseconds since 1970, for the next page. */
  before_ms?: number;
  /** 1 to 5,000; default 1,000. */
  limit?: number;
}

export interface TraceList {
  traces: TraceSummary[];
  /** The routes of all traces that are kept, for the filter. */
  routes: string[];
  /** Traces that were forgotten because there were too many; absent where the source does not say. */
  forgotten?: number;
}

export interface SpanEvent {
  name: string;
  /** Milliseconds since the start of the trace. */
  at_ms: number;
  attributes: Attributes;
}

export interface Span {
  span_id: string;
  /** Absent for a root. The parent may not have been received. */
  parent_id?: string;
  name: string;
  kind: "internal" | "server" | "client" | "producer" | "consumer" | "unspecified";
  service: string;
  /** Milliseconds since the start of the trace, to a microsecond. */
  start_ms: number;
  duration_ms: number;
  status: "unset" | "ok" | "error";
  message?: string;
  attributes: Attributes;
  events: SpanEvent[];
  links: { trace_id: string; span_id: string }[];
}

/** `GET /console/api/traces/{trace_id}`; 404 while no span of it was received. */
export interface Trace extends TraceSummary {
  /** By start; a parent before its children. */
  tree: Span[];
  /** Attributes of the resource of each service. */
  resources: Record<string, Attributes>;
  /** The trace's page in Jaeger. */
  jaeger_url?: string;
}

export type Unit = "count" | "seconds" | "ratio" | "usd" | "per_second" | "bytes";

/** One number over the whole time that is shown. */
export interface MetricNumber {
  id: string;
  title: string;
  /** What it means. */
  description: string;
  unit: Unit;
  /** `null`: nothing yet. */
  value: number | null;
}

export interface MetricGraph {
  id: string;
  title: string;
  description: string;
  unit: Unit;
  kind: "lines" | "bars";
  /** The heading that the graph belongs below. */
  group: string;
  /** What it means that there is no series. */
  nothing: string;
  /** Values at {@link MetricsView.times}; `null`: nothing then. No series: nothing yet. */
  series: MetricSeries[];
}

export interface MetricSeries {
  label: string;
  /** Whether it counts what went wrong. */
  failed: boolean;
  values: (number | null)[];
}

/** `GET /console/api/metrics?minutes=15`. */
export interface MetricsView {
  /** Seconds since 1970, ascending: the points of all graphs. */
  times: number[];
  step_seconds: number;
  numbers: MetricNumber[];
  graphs: MetricGraph[];
  /** The dashboard's page in Grafana. */
  grafana_url?: string;
  /** Points that were not kept because there were too many series. */
  left_out?: number;
}

/** Result of `POST /console/api/files?id=…`, whose body is the file. */
export type FileResult =
  | { id: string; status: "created" | "updated" | "unchanged"; chunks: number; left_out: string[]; trace_id: string }
  | { id: string; status: "failed"; reason: string };

/** `GET /console/api/files`: what can be uploaded. */
export interface FileKinds {
  /** With the dot, lower case. */
  extensions: string[];
  max_bytes: number;
  /** Kinds that are not read, and the one that each can be saved as. */
  save_as: Readonly<Record<string, string>>;
}

export interface Candidate {
  chunk_id: string;
  document_id: string;
  title: string;
  heading: string;
  text: string;
  /**
   * Of this ranking; higher is better. By meaning it is the cosine; by words one made of the rank, as stores return no BM25.
   */
  score: number;
  /** Where the text has words of the question, in UTF-16 code units. */
  marks: { start: number; end: number }[];
  /** What the score of the embedded reranker is made of: the sum of the others, times `place`. */
  parts?: { words: number; sentence: number; phrase: number; meaning: number; place: number };
}

/** `POST /console/api/lab` with the fields of a search; `top_k` is the length of each list, of which 50 are candidates. */
export interface LabResult {
  question: string;
  /** Best first. `meaning` is empty where the question could not be embedded. */
  meaning: Candidate[];
  words: Candidate[];
  fused: Candidate[];
  reranked: Candidate[];
  /** Milliseconds of each step. */
  timings_ms: { embedding: number; meaning: number; words: number; fused: number; rerank: number };
  models: { embedder: string; reranker: string; store: string };
  /** The stages that failed and were skipped, and why: their lists are empty. */
  degraded: { stage: "embedding" | "rerank"; reason: string }[];
}

/** `POST /console/api/support`: an answer and its citations, as a response of `POST /query` has them. */
export interface SupportRequest {
  answer: string;
  citations: { index: number; document_id: string; chunk_id: string; title: string; text: string }[];
}

/** Groundedness, as the event `gen_ai.evaluation.result` of the answer's trace has it. Scores are in [0, 1]. */
export interface SupportResult {
  /** The mean of the sentences'; `null`: none says anything that can be looked up. */
  score: number | null;
  sentences: SupportedSentence[];
}

export interface SupportedSentence {
  /** Of the answer: `answer.slice(start, end)`, in UTF-16 code units. */
  start: number;
  end: number;
  /** How far all citations together support it. */
  score: number;
  label: "grounded" | "partly_grounded" | "not_grounded";
  /** The numbers that it cites. */
  cited: number[];
  /** Whether the nearest sentence of the citations says the opposite. */
  denied: boolean;
  /** The one of those that it cites that supports it best. */
  best?: { index: number; score: number };
  /** One that it does not cite and that supports it better. */
  better?: { index: number; score: number };
  /** Those that it cites, but that say nothing of it. */
  unsupported_citations: number[];
  /** What it says that is in no citation. */
  unsupported_facts: { kind: "number" | "name"; text: string }[];
}

/** `POST /console/api/markdown`: texts as they are drawn, in order. The page has no parser of its own: it would be its largest part. */
export interface MarkdownRequest {
  texts: string[];
}
export interface MarkdownResult {
  texts: MarkdownNode[][];
}

/** Of every error below `/console/api/`, and of the API: RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  detail?: string;
  stage?: string;
  trace_id?: string;
  errors?: { path: string; message: string }[];
}
