import type { OtlpProtocol, Refusal, RefusalReport, Temporality } from "#telemetry/settings.ts";
import type { ExportResponse, Transport } from "./transport.ts";

export interface RefusalWatchOptions {
  signal: Refusal["signal"];
  url: URL;
  protocol: OtlpProtocol;
  temporality: Temporality;
  headers: Readonly<Record<string, string>>;
  /** Whether spans hold content: a collector's message may then quote it, and is not reported. */
  captureContent: boolean;
  /** Called at most once an hour for the same reason. */
  report(refusal: RefusalReport): void;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

const HOUR_MS = 3_600_000;

/** Keeps the refusal that a signal's last response was, and reports it. */
export class RefusalWatch {
  readonly #options: RefusalWatchOptions;
  readonly #now: () => number;
  readonly #reportedAt = new Map<string, number>();
  #refusal: Refusal | undefined;

  constructor(options: RefusalWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** The same transport, watched. */
  watch<Batch, Content>(transport: Transport<Batch, Content>): Transport<Batch, Content> {
    return {
      ...transport,
      send: async (contents) => {
        const response = await transport.send(contents);
        this.#read(response);
        return response;
      },
    };
  }

  #read(response: ExportResponse): void {
    const reason = refusedFor(response);
    if (reason === undefined) {
      if (response.status === "success") this.#refusal = undefined;
      return;
    }
    const now = this.#now();
    const since = this.#refusal?.reason === reason ? this.#refusal.since : new Date(now);
    const { signal, url, captureContent, report } = this.#options;
    this.#refusal = { signal, reason, advice: adviceOn(reason, this.#options), since };
    if (now - (this.#reportedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
    this.#reportedAt.set(reason, now);
    const said = captureContent || response.message === undefined ? undefined : this.#redacted(response.message);
    report({ ...this.#refusal, endpoint: `${url.origin}${url.pathname}`, ...(said !== undefined && { said }) });
  }

  /** A collector may quote the key that it refuses. */
  #redacted(message: string): string {
    const { headers, url } = this.#options;
    const secrets = [...Object.values(headers), url.password, url.username].flatMap((text) => [
      text,
      ...text.split(" "),
    ]);
    return secrets
      .filter(({ length }) => length >= 4)
      .reduce((text, secret) => text.replaceAll(secret, "[…]"), message);
  }
}

/** @returns undefined when the data was accepted, or may be when it is sent again */
function refusedFor(response: ExportResponse): string | undefined {
  if (response.status === "success") return response.rejected > 0 ? "rejected" : undefined;
  const { status, reason } = response;
  if (status === "failure") return reason;
  return /^(?:3\d\d|40[1347])$/.test(reason) || isCertificateError(reason) ? reason : undefined;
}

/** Codes of OpenSSL and Node: DEPTH_ZERO_SELF_SIGNED_CERT, UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ERR_TLS_CERT_ALTNAME_INVALID. */
function isCertificateError(code: string): boolean {
  return /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/.test(code);
}

function adviceOn(reason: string, { signal, protocol, temporality }: RefusalWatchOptions): string {
  const path = `/v1/${signal}`;
  const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}`;
  if (reason === "415") {
    const other = protocol === "http/json" ? "http/protobuf" : "http/json";
    return `set OTEL_EXPORTER_OTLP_PROTOCOL=${other}`;
  }
  // As VictoriaMetrics answers.
  if (reason === "400" && protocol === "http/json")
    return "see the collector's log; if it takes only Protobuf, set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf";
  if (/^40[137]$/.test(reason)) return `check OTEL_EXPORTER_OTLP_HEADERS and ${own}_HEADERS`;
  if (/^40[45]$/.test(reason))
    return `check the endpoint: ${path} is appended to OTEL_EXPORTER_OTLP_ENDPOINT and not to ${own}_ENDPOINT`;
  if (/^3/.test(reason)) return "redirects are not followed: set the URL that it redirects to";
  if (isCertificateError(reason))
    return "set OTEL_EXPORTER_OTLP_CERTIFICATE to a PEM file with the certificate of the collector's authority";
  if (reason === "413") return "raise the collector's limit for the size of a request";
  if (signal === "metrics" && temporality !== "cumulative" && /^(?:400|500|rejected)$/.test(reason))
    return (
      "see the collector's log; if it takes no delta metrics, as Prometheus by default, set " +
      "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative"
    );
  return "see the collector's log";
}
