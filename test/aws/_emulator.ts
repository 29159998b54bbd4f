import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { freePort } from "../../local-stack/stack/ports.ts";
import { OSLS_CACHE } from "../support/osls-cache.ts";
import { virtualEnvironment } from "../support/python/environment.ts";
import { startServer } from "../support/server-process.ts";
import { addressOf } from "./_address.ts";

/** Only IAM on tells these keys from others: they are the account's root user. */
const ROOT_USER = { AWS_ACCESS_KEY_ID: "AKIAEDGERAGEMULATOR1", AWS_SECRET_ACCESS_KEY: "edge-rag-emulator" };
export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";

export interface EmulatorOptions {
  /** Whether requests are authenticated and authorized by IAM's policies. */
  iam?: boolean;
  /** Whether the endpoint is HTTPS, by default with IAM. Functions do not know its certificate. */
  https?: boolean;
}

export interface Emulator {
  /** The endpoint of every service. */
  url: string;
  account: string;
  region: string;
  /**
   * The whole environment of a command that works on this account as its root user: `aws`, `node` and `npm` are in its
   * PATH, HOME is an empty folder, and requests of Node to the names of AWS reach the emulator.
   */
  env: Readonly<Record<string, string>>;
  /** The address by which a URL of an API or a function at AWS is reached here; other URLs remain as they are. */
  addressOf(url: string): string;
  /** Its folder of temporary files, among them the code of the functions. */
  home: string;
  /** What the emulator has printed so far. */
  output(): string;
  /** Ends the emulator with every process of a Lambda function. */
  stop(): Promise<void>;
}

/**
 * Installs MiniStack, an emulator of AWS, with AWS' command line, if necessary, and starts it on loopback with nothing in it.
 * It runs functions as processes of this Node, in its process group.
 *
 * @throws Error when it cannot be installed or does not start
 */
export async function startEmulator({ iam = false, https = iam }: EmulatorOptions = {}): Promise<Emulator> {
  const programs = virtualEnvironment("ministack");
  const port = await freePort();
  const path = [programs, dirname(process.execPath), process.env.PATH].join(":");
  const server = await startServer({
    ...{ name: "ministack", command: join(programs, "ministack"), args: () => [], port },
    env: {
      ...{ PATH: path, PYTHONUNBUFFERED: "1", BIND_HOST: "127.0.0.1", GATEWAY_PORT: String(port) },
      ...{ MINISTACK_ACCOUNT_ID: ACCOUNT, MINISTACK_REGION: REGION, ...ROOT_USER },
      ...(iam && { AUTH: "true", LOG_LEVEL: "DEBUG" }),
      ...(https && { USE_SSL: "1" }),
      // What AWS has, and the emulator has not: functions that stream.
      NODE_OPTIONS: importOf("_streaming-runtime.ts"),
    },
  });
  const url = `${https ? "https" : "http"}://127.0.0.1:${port}`;
  const certificate = join(server.home, "ministack-tls/server.crt");
  return {
    ...{ url, account: ACCOUNT, region: REGION, home: server.home, output: server.output, stop: server.stop },
    env: {
      ...{ PATH: path, HOME: server.home, TMPDIR: server.home, LANG: "C.UTF-8" },
      ...{ AWS_ENDPOINT_URL: url, AWS_REGION: REGION, AWS_DEFAULT_REGION: REGION, ...ROOT_USER },
      NODE_OPTIONS: importOf("_reach-emulator.ts"),
      ...(https && { AWS_CA_BUNDLE: certificate, NODE_EXTRA_CA_CERTS: certificate }),
      // Milliseconds; by default osls asks only every five seconds how a stack is doing.
      SLS_AWS_MONITORING_FREQUENCY: "200",
      ...OSLS_CACHE,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(server.home, "compile-cache"),
    },
    addressOf: (requested) => addressOf(requested, url),
  };
}

function importOf(file: string): string {
  return `--import=${pathToFileURL(join(import.meta.dirname, file))}`;
}
