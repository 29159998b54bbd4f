import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { selfSigned } from "../_certificate.ts";
import { exportingTo, record, startReceiver } from "../_otlp.ts";

/** A certificate and its key, and the paths of files with them. */
function certificate() {
  const { cert, key } = selfSigned();
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem"), text: join(folder, "text.pem") };
  writeFileSync(paths.cert, cert);
  writeFileSync(paths.key, key);
  writeFileSync(paths.text, "no certificate");
  return { cert, key, paths };
}

const EXPORTERS = ["built-in", "opentelemetry"];

it.each(EXPORTERS)("%s trusts the certificate of OTEL_EXPORTER_OTLP_CERTIFICATE", async (RAG_OTLP_EXPORTER) => {
  const { cert, key, paths } = certificate();
  const receiver = await startReceiver({ cert, key });
  const { telemetry } = exportingTo(receiver, { RAG_OTLP_EXPORTER, OTEL_EXPORTER_OTLP_CERTIFICATE: paths.cert });
  record();
  expect(await telemetry.flush(5_000)).toEqual({ ok: true, errors: [] });
  expect(receiver.requests.map(({ path }) => path).toSorted()).toEqual(["/v1/metrics", "/v1/traces"]);
});

it.each([
  ["TRACES", "metrics"],
  ["METRICS", "traces"],
])("the certificate of %s is not that of the other signal", async (signal, other) => {
  const { cert, key, paths } = certificate();
  const receiver = await startReceiver({ cert, key });
  const { telemetry, refusals } = exportingTo(receiver, {
    OTEL_EXPORTER_OTLP_CERTIFICATE: certificate().paths.cert,
    [`OTEL_EXPORTER_OTLP_${signal}_CERTIFICATE`]: paths.cert,
  });
  record();
  const { errors } = await telemetry.flush(5_000);
  expect(errors).toEqual([`${other}: DEPTH_ZERO_SELF_SIGNED_CERT`]);
  expect(refusals).toEqual([
    expect.objectContaining({
      signal: other,
      reason: "DEPTH_ZERO_SELF_SIGNED_CERT",
      advice: "set OTEL_EXPORTER_OTLP_CERTIFICATE to a PEM file with the certificate of the collector's authority",
    }),
  ]);
});

it.each(EXPORTERS)("%s shows the client's certificate, a signal its own", async (RAG_OTLP_EXPORTER) => {
  const [server, client, own] = [certificate(), certificate(), certificate()];
  const receiver = await startReceiver({
    ...{ cert: server.cert, key: server.key, requestCert: true, rejectUnauthorized: false },
  });
  const shown: Record<string, string | undefined> = {};
  receiver.answer = ({ path }, response) => {
    shown[path] = (response.req.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256;
    response.end();
  };
  const { telemetry } = exportingTo(receiver, {
    RAG_OTLP_EXPORTER,
    OTEL_EXPORTER_OTLP_CERTIFICATE: server.paths.cert,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.paths.cert,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: client.paths.key,
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: own.paths.cert,
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: own.paths.key,
  });
  record();
  expect(await telemetry.flush(5_000)).toEqual({ ok: true, errors: [] });
  const fingerprint = ({ cert }: { cert: string }) => new X509Certificate(cert).fingerprint256;
  expect(shown).toEqual({ "/v1/traces": fingerprint(client), "/v1/metrics": fingerprint(own) });
});

it("a certificate or key that cannot be used stops the start, in one line that names the setting", async () => {
  const receiver = await startReceiver();
  const { paths } = certificate();
  const stranger = certificate();
  const missing = `${paths.cert}.missing`;
  const client = {
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: paths.cert,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: paths.key,
  };
  for (const [env, message] of [
    [{ OTEL_EXPORTER_OTLP_CERTIFICATE: missing }, "OTEL_EXPORTER_OTLP_CERTIFICATE: the file cannot be read (ENOENT)."],
    [
      { OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: missing },
      "OTEL_EXPORTER_OTLP_CERTIFICATE: the file cannot be read (ENOENT).",
    ],
    [
      { OTEL_EXPORTER_OTLP_CERTIFICATE: paths.text },
      /^OTEL_EXPORTER_OTLP_CERTIFICATE: must be a file with PEM certificates \(.+\)\.$/,
    ],
    [
      { ...client, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "" },
      "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: must be set when OTEL_EXPORTER_OTLP_CLIENT_KEY is set.",
    ],
    [
      { ...client, OTEL_EXPORTER_OTLP_CLIENT_KEY: "" },
      "OTEL_EXPORTER_OTLP_CLIENT_KEY: must be set when OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is set.",
    ],
    [
      { ...client, OTEL_EXPORTER_OTLP_CLIENT_KEY: stranger.paths.key },
      /^OTEL_EXPORTER_OTLP_CLIENT_KEY: must be a file with the PEM key of the client certificate \(.+\)\.$/,
    ],
  ] as const) {
    expect(() => exportingTo(receiver, env)).toThrow(message);
  }
});
