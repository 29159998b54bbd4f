/** Names as the collector's Prometheus exporter writes them. */
import type { Attributes, AttributeValue } from "#console/contract.ts";

/** Units that have another name in Prometheus. An annotation in braces is left out. */
const UNITS: Readonly<Record<string, string>> = { s: "seconds", ms: "milliseconds", By: "bytes", "1": "" };

/**
 * What identifies one environment, as the transform/deltas of collector.yaml drops it: with it, each environment would have
 * series of its own.
 */
const OF_ONE_ENVIRONMENT =
  /^(service\.instance|faas\.(instance|version|max_memory)|process|host|os|container|k8s\.pod|telemetry)(\..*)?$/;

/**
 * Without the suffixes of a histogram's series.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
export function prometheusName(name: string, unit: string, isCounter: boolean): string {
  const words = wordsOf(name);
  const suffix = UNITS[unit] ?? wordsOf(unit.replace(/\{.*\}/g, "")).join("_");
  if (suffix && !words.includes(suffix)) words.push(suffix);
  if (!isCounter) return words.join("_");
  return [...words.filter((word) => word !== "total"), "total"].join("_");
}

/** Labels of a series: attributes of the resource win. */
export function labelsOf(point: Attributes, resource: Attributes): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [name, value] of [...Object.entries(point), ...Object.entries(resource)]) {
    labels[name.replace(/\W/g, "_")] = textOf(value);
  }
  return labels;
}

/** The same for the same labels, in whatever order. */
export function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A resource's attributes without those that identify one environment. */
export function ofAllEnvironments(resource: Attributes): Attributes {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !OF_ONE_ENVIRONMENT.test(name)));
}

function textOf(value: AttributeValue): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function wordsOf(text: string): string[] {
  return text.split(/[^a-zA-Z0-9]+/).filter(Boolean);
}
