import type { Attributes } from "@opentelemetry/api";
import { VERSION } from "#telemetry/sdk/version.ts";
import type { Platform, TelemetrySettings } from "#telemetry/settings.ts";

type Named = Pick<TelemetrySettings, "serviceName" | "resourceAttributes" | "platform">;

/**
 * The service and its version, this process as `service.instance.id`, and the platform. Attributes of the settings override the
 * platform's.
 */
export function resourceAttributes(
  { serviceName, resourceAttributes: given, platform = {} }: Named,
  instanceId: string,
): Attributes {
  return {
    "service.version": VERSION,
    "service.instance.id": instanceId,
    ...platformAttributes(platform),
    ...given,
    "service.name": serviceName,
  };
}

/** Names and values of the conventions for cloud and FaaS; a stage is a resource attribute of the settings. */
function platformAttributes({ memoryMiB, ...platform }: Platform): Attributes {
  const attributes = {
    "cloud.provider": platform.provider,
    "cloud.platform": platform.name,
    "cloud.region": platform.region,
    "faas.name": platform.functionName,
    "faas.version": platform.functionVersion,
    "faas.instance": platform.instance,
    "faas.max_memory": memoryMiB === undefined ? undefined : memoryMiB * 1_048_576,
  };
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== ""));
}
