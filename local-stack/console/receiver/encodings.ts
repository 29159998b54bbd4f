import { DecodeError, type Fields, toMessage } from "./fields.ts";
import { describeMessages } from "./messages.ts";

export type Signal = "traces" | "metrics";

/** What of a request was not kept. */
export interface PartialSuccess {
  count: number;
  /** "" when everything was kept. */
  message: string;
}

/** One of the two encodings of OTLP/HTTP: a response has that of its request. */
export interface Encoding {
  type: "application/json" | "application/x-protobuf";
  /** @throws DecodeError */
  decode(signal: Signal, body: Buffer): Fields;
  encodeSuccess(signal: Signal, partial: PartialSuccess): Uint8Array;
  /** A `google.rpc.Status`, without a code: the HTTP status is it. */
  encodeStatus(message: string): Uint8Array;
}

export const JSON_ENCODING: Encoding = {
  type: "application/json",
  decode(_signal, body) {
    try {
      return toMessage(JSON.parse(withIntegersAsText(body.toString())), "the body");
    } catch (error) {
      throw error instanceof SyntaxError ? new DecodeError(`the body is not JSON: ${error.message}`) : error;
    }
  },
  encodeSuccess(signal, { count, message }) {
    const rejected = signal === "traces" ? "rejectedSpans" : "rejectedDataPoints";
    const partialSuccess = { [rejected]: String(count), errorMessage: message };
    return Buffer.from(JSON.stringify(message === "" ? {} : { partialSuccess }));
  },
  encodeStatus: (message) => Buffer.from(JSON.stringify({ message })),
};

let protobuf: Promise<Encoding> | undefined;

/** The library is loaded by the first request that needs it: most senders that `npm run dev` has use JSON. */
export function protobufEncoding(): Promise<Encoding> {
  protobuf ??= loadProtobuf();
  return protobuf;
}

async function loadProtobuf(): Promise<Encoding> {
  const { default: library } = await import("protobufjs/light.js");
  const root = library.Root.fromJSON(describeMessages());
  const requests = {
    traces: root.lookupType("ExportTraceServiceRequest"),
    metrics: root.lookupType("ExportMetricsServiceRequest"),
  };
  const response = root.lookupType("ExportResponse");
  const status = root.lookupType("Status");
  return {
    type: "application/x-protobuf",
    decode(signal, body) {
      try {
        // The plain object has only the fields that were sent: absent ones are not their default.
        return requests[signal].toObject(requests[signal].decode(body));
      } catch (error) {
        throw new DecodeError(`the body is not Protobuf: ${error instanceof Error ? error.message : error}`);
      }
    },
    encodeSuccess: (_signal, { count, message }) =>
      response.encode(message === "" ? {} : { partialSuccess: { rejected: count, errorMessage: message } }).finish(),
    encodeStatus: (message) => status.encode({ message }).finish(),
  };
}

/**
 * Puts quotes around integers that JSON.parse would round, as ProtoJSON has them. Text is left alone: there, a backslash
 * precedes every quote.
 */
function withIntegersAsText(json: string): string {
  return json.replace(/(?<!\\)"\s*:\s*(-?\d{16,})(?=\s*[,}\]])/g, '":"$1"');
}
