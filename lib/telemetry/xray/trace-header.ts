import { isSpanContextValid, type SpanContext, TraceFlags } from "@opentelemetry/api";

/** The X-Ray trace an invocation belongs to. */
export interface XrayTrace {
  /** As X-Ray writes it: "1-5759e988-bd862e3fe1be46a994272793". */
  root: string;
  /** Whether X-Ray records this invocation: false unless active tracing is on and chose it. */
  sampled: boolean;
  /** The same trace and its current segment, as W3C ids; absent when the header names no parent. */
  spanContext?: SpanContext;
}

const ROOT = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/;

/**
 * Reads a tracing header, `Root=…;Parent=…;Sampled=…` in any order, further keys ignored
 * (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader). A Root is a W3C
 * trace id in three pieces.
 *
 * @returns `undefined` for a header without a valid Root.
 */
export function parseXrayHeader(header: string): XrayTrace | undefined {
  const fields = new Map(
    header.split(";").map((field): [string, string] => {
      const [key = "", value = ""] = field.split("=");
      return [key.trim(), value.trim().toLowerCase()];
    }),
  );
  const root = fields.get("Root") ?? "";
  const [, time, random] = ROOT.exec(root) ?? [];
  if (!time || !random) return undefined;
  const sampled = fields.get("Sampled") === "1";
  const spanContext = {
    traceId: time + random,
    spanId: fields.get("Parent") ?? "",
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  };
  return { root, sampled, ...(isSpanContextValid(spanContext) && { spanContext }) };
}
