import { settlesWithin } from "#async/time-limit.ts";
import { type ReachabilityCheck, reachabilityChecks } from "#compose/reachability.ts";
import { readDeployedConfig } from "#config/deployed.ts";
import type { Config } from "#config/env.ts";
import { DEFAULT_ENDPOINT } from "#config/telemetry.ts";
import { messageOf } from "./aws.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, notChecked, ok, problem } from "./finding.ts";

/** Milliseconds for each service. */
const LIMIT_MS = 10_000;

/**
 * Whether the configured services can be reached from this machine, with their keys, side by side.
 *
 * @param limitMs for each service
 */
export async function checkServices(
  config: Config,
  { inVpc }: Deployment,
  limitMs: number = LIMIT_MS,
): Promise<Finding[]> {
  const { enabled, endpoint, tracesEndpoint, metricsEndpoint } = config.telemetry;
  const hasNoCollector = enabled && endpoint === DEFAULT_ENDPOINT && !tracesEndpoint && !metricsEndpoint;
  const telemetry = { ...config.telemetry, enabled: enabled && !hasNoCollector };
  let checks: ReachabilityCheck[];
  try {
    checks = await reachabilityChecks({ ...config, telemetry }, limitMs);
  } catch (error) {
    return [notChecked("services", messageOf(error))];
  }
  const findings = await Promise.all(checks.map((check) => findingOf(check, inVpc, limitMs)));
  if (!hasNoCollector) return findings;
  const why = `without OTEL_EXPORTER_OTLP_ENDPOINT telemetry goes to ${DEFAULT_ENDPOINT}, inside the function; set it, or OTEL_ENABLED=false`;
  return [...findings, notChecked("collector", why)];
}

async function findingOf(
  { name, host, address, key, check }: ReachabilityCheck,
  inVpc: boolean,
  limitMs: number,
): Promise<Finding> {
  const response = check();
  try {
    const isInTime = await settlesWithin(response, limitMs);
    if (isInTime) return ok(name, `${host}, from this machine: ${await response}`);
    return unreachable(name, `${host} gave no response within ${limitMs / 1_000} s`, address, inVpc);
  } catch (error) {
    const status = error instanceof Error && "status" in error ? error.status : undefined;
    const message = messageOf(error);
    if (status === 401 || status === 403) return problem(name, message, `correct ${key} in the secret`);
    if (typeof status === "number")
      return problem(name, message, `correct ${address}, or see what the service's own log says`);
    if (isMismatch(error)) {
      const [detail = message, remedy = "run npm run reindex"] = message.split(/: (?=rebuild it)/);
      return problem(name, detail, remedy);
    }
    return unreachable(name, message, address, inVpc);
  }
}

/** A function in a VPC may reach what this machine cannot. */
function unreachable(name: string, message: string, address: string, inVpc: boolean): Finding {
  if (inVpc) return notChecked(name, `${message}, from this machine; the functions run in a VPC`);
  return problem(name, `${message}, from this machine`, `correct ${address}, or start the service`);
}

function isMismatch(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "collection_mismatch";
}

/** The configuration with the values of the secret. @throws ConfigError */
export function configOf({ settings }: Deployment, secrets: Record<string, string>): Config {
  return readDeployedConfig({ ...settings, ...secrets });
}
