import type { OtlpSettings } from "#telemetry/settings.ts";

/** The content of PEM files, for `node:tls`. */
export interface TlsFiles {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

const SETTING_OF = {
  certificate: "OTEL_EXPORTER_OTLP_CERTIFICATE",
  clientCertificate: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
  clientKey: "OTEL_EXPORTER_OTLP_CLIENT_KEY",
} as const;

type File = keyof typeof SETTING_OF;

/**
 * Reads the certificates of a signal's settings. Files are read once: a new certificate needs a new process.
 *
 * @returns undefined when none is set
 * @throws Error in one line: the setting, and what is wrong with the file
 */
export function readTlsFiles(settings: Pick<OtlpSettings, File>): TlsFiles | undefined {
  const { certificate, clientCertificate, clientKey } = settings;
  if (!certificate && !clientCertificate && !clientKey) return undefined;
  if (!clientCertificate !== !clientKey) {
    const [missing, given] = clientKey
      ? (["clientCertificate", "clientKey"] as const)
      : (["clientKey", "clientCertificate"] as const);
    throw new Error(`${SETTING_OF[missing]}: must be set when ${SETTING_OF[given]} is set.`);
  }
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const read = (file: File): Buffer | undefined => {
    const path = settings[file];
    if (!path) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      throw new Error(`${SETTING_OF[file]}: the file cannot be read (${codeOf(error)}).`, { cause: error });
    }
  };
  const files = defined({ ca: read("certificate"), cert: read("clientCertificate"), key: read("clientKey") });
  check("certificate", files.ca && { ca: files.ca });
  check("clientCertificate", files.cert && { cert: files.cert });
  check("clientKey", files.cert && files.key && { cert: files.cert, key: files.key });
  return files;
}

/** Node reads the files at the first connection; a mistake is an error at start instead. */
function check(file: File, files: TlsFiles | undefined): void {
  if (!files) return;
  try {
    // Node takes a file without any certificate as an empty list.
    if (files.ca && !files.ca.includes("-----BEGIN")) throw Object.assign(new Error(), { code: "no PEM certificate" });
    process.getBuiltinModule("node:tls").createSecureContext({ ...files });
  } catch (error) {
    const expected = file === "clientKey" ? "the PEM key of the client certificate" : "PEM certificates";
    throw new Error(`${SETTING_OF[file]}: must be a file with ${expected} (${codeOf(error)}).`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}

function defined({ ca, cert, key }: Record<keyof TlsFiles, Buffer | undefined>): TlsFiles {
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
