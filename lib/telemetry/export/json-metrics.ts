import { ValueType } from "@opentelemetry/api";
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
  type ScopeMetrics,
} from "@opentelemetry/sdk-metrics";
import { resourceJson, scopeJson, writeArray, writeAttributes, writeConstant, writeTime } from "./json-attributes.ts";
import { JsonWriter, jsonBytes } from "./json-writer.ts";

/** One for all requests: none is written while another is. */
const WRITER = new JsonWriter();

const START = jsonBytes('{"resourceMetrics":[{"resource":');
const SCHEMA_URL = jsonBytes(',"schemaUrl":');
const SCOPE_METRICS = jsonBytes(',"scopeMetrics":');
const END = jsonBytes("}]}");
const SCOPE = jsonBytes('{"scope":');
const METRICS = jsonBytes(',"metrics":');
const END_OF_OBJECT = jsonBytes("}");
const END_OF_METRIC = jsonBytes("}}");
const ATTRIBUTES = jsonBytes('{"attributes":');
const START_TIME = jsonBytes(',"startTimeUnixNano":');
const TIME = jsonBytes(',"timeUnixNano":');
const INTEGER = jsonBytes(',"asInt":');
const DOUBLE = jsonBytes(',"asDouble":');
const BUCKET_COUNTS = jsonBytes(',"bucketCounts":');
const BOUNDS = jsonBytes(',"explicitBounds":');
const COUNT = jsonBytes(',"count":');
const SUM = jsonBytes(',"sum":');
const MIN = jsonBytes(',"min":');
const MAX = jsonBytes(',"max":');

/**
 * A request with metrics as OTLP/JSON, byte for byte what OpenTelemetry's serializer makes. What is the same in every
 * request, such as names, descriptions and boundaries, is encoded once.
 *
 * @throws TypeError for an exponential histogram, which only the SDK's views make
 */
export function metricsRequest({ resource, scopeMetrics }: ResourceMetrics): Uint8Array {
  WRITER.clear();
  WRITER.json(START);
  writeConstant(WRITER, resource, resourceJson);
  writeSchemaUrl(WRITER, resource.schemaUrl);
  WRITER.json(SCOPE_METRICS);
  writeArray(WRITER, scopeMetrics, writeScopeMetrics);
  WRITER.json(END);
  return WRITER.copy();
}

function writeScopeMetrics(out: JsonWriter, { scope, metrics }: ScopeMetrics): void {
  out.json(SCOPE);
  writeConstant(out, scope, scopeJson);
  out.json(METRICS);
  writeArray(out, metrics, writeMetric);
  writeSchemaUrl(out, scope.schemaUrl);
  out.json(END_OF_OBJECT);
}

function writeSchemaUrl(out: JsonWriter, url: string | undefined): void {
  if (url === undefined) return;
  out.json(SCHEMA_URL);
  out.string(url);
}

function writeMetric(out: JsonWriter, metric: MetricData): void {
  writeConstant(out, metric.descriptor, descriptorJson);
  // In OTLP, 0 is a temporality that is not known.
  const temporality = metric.aggregationTemporality + 1;
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      out.ascii(`,"sum":{"aggregationTemporality":${temporality},"isMonotonic":${metric.isMonotonic},"dataPoints":`);
      break;
    case DataPointType.GAUGE:
      out.ascii(',"gauge":{"dataPoints":');
      break;
    case DataPointType.HISTOGRAM:
      out.ascii(`,"histogram":{"aggregationTemporality":${temporality},"dataPoints":`);
      break;
    default:
      throw new TypeError(`${metric.descriptor.name} is an exponential histogram`);
  }
  if (metric.dataPointType === DataPointType.HISTOGRAM) writeArray(out, metric.dataPoints, writeHistogram);
  else writeArray(out, metric.dataPoints, metric.descriptor.valueType === ValueType.INT ? writeInteger : writeDouble);
  out.json(END_OF_METRIC);
}

/** Up to the fields that differ by kind. */
function descriptorJson({ name, description, unit }: MetricData["descriptor"]): string {
  return JSON.stringify({ name, description, unit }).slice(0, -1);
}

function writeInteger(out: JsonWriter, point: DataPoint<number>): void {
  writeNumber(out, point, INTEGER);
}

function writeDouble(out: JsonWriter, point: DataPoint<number>): void {
  writeNumber(out, point, DOUBLE);
}

function writeNumber(out: JsonWriter, point: DataPoint<number>, field: Uint8Array): void {
  out.json(ATTRIBUTES);
  writeAttributes(out, point.attributes);
  writeTimes(out, point);
  out.json(field);
  out.number(point.value);
  out.json(END_OF_OBJECT);
}

function writeHistogram(out: JsonWriter, point: DataPoint<Histogram>): void {
  const { buckets, count, sum, min, max } = point.value;
  out.json(ATTRIBUTES);
  writeAttributes(out, point.attributes);
  out.json(BUCKET_COUNTS);
  out.ascii(JSON.stringify(buckets.counts));
  out.json(BOUNDS);
  writeConstant(out, buckets.boundaries, JSON.stringify);
  out.json(COUNT);
  out.number(count);
  writeOptional(out, SUM, sum);
  writeOptional(out, MIN, min);
  writeOptional(out, MAX, max);
  writeTimes(out, point);
  out.json(END_OF_OBJECT);
}

function writeTimes(out: JsonWriter, { startTime, endTime }: DataPoint<unknown>): void {
  out.json(START_TIME);
  writeTime(out, startTime);
  out.json(TIME);
  writeTime(out, endTime);
}

function writeOptional(out: JsonWriter, field: Uint8Array, value: number | undefined): void {
  if (value === undefined) return;
  out.json(field);
  out.number(value);
}
