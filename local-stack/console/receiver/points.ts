import { attributesIn } from "./attributes.ts";
import {
  countIn,
  doubleIn,
  type Fields,
  int32In,
  messageIn,
  messagesIn,
  toDouble,
  toInt64,
  uint64In,
  valuesIn,
} from "./fields.ts";
import type {
  ExponentialBuckets,
  ExponentialHistogramPoint,
  HistogramPoint,
  NumberPoint,
  SummaryPoint,
} from "./payload.ts";

/** The point can be decoded, but means nothing. */
export class PointError extends Error {
  override name = "PointError";
}

export function readNumber(point: Fields): NumberPoint {
  const { asInt, asDouble } = point;
  if (asInt !== undefined && asInt !== null) return { ...common(point), value: Number(toInt64(asInt, "asInt")) };
  if (asDouble === undefined || asDouble === null) throw new PointError("a point needs asInt or asDouble");
  return { ...common(point), value: toDouble(asDouble, "asDouble") };
}

export function readHistogram(point: Fields): HistogramPoint {
  const bucketCounts = counts(point);
  const explicitBounds = valuesIn(point, "explicitBounds").map((bound) => toDouble(bound, "explicitBounds"));
  // Only a histogram without buckets has as many counts as bounds.
  const buckets = bucketCounts.length === 0 && explicitBounds.length === 0 ? 0 : explicitBounds.length + 1;
  if (bucketCounts.length !== buckets) {
    throw new PointError(`${explicitBounds.length} explicitBounds need ${buckets} bucketCounts`);
  }
  return { ...common(point), ...distribution(point), bucketCounts, explicitBounds };
}

export function readExponentialHistogram(point: Fields): ExponentialHistogramPoint {
  return {
    ...common(point),
    ...distribution(point),
    scale: int32In(point, "scale"),
    zeroCount: countIn(point, "zeroCount"),
    zeroThreshold: 0,
    ...doubleIn(point, "zeroThreshold"),
    positive: buckets(messageIn(point, "positive")),
    negative: buckets(messageIn(point, "negative")),
  };
}

export function readSummary(point: Fields): SummaryPoint {
  return {
    ...common(point),
    count: countIn(point, "count"),
    sum: 0,
    ...doubleIn(point, "sum"),
    quantileValues: messagesIn(point, "quantileValues", (at) => ({
      ...{ quantile: 0, value: 0 },
      ...doubleIn(at, "quantile"),
      ...doubleIn(at, "value"),
    })),
  };
}

function common(point: Fields) {
  return {
    attributes: attributesIn(point),
    startTimeUnixNano: uint64In(point, "startTimeUnixNano"),
    timeUnixNano: uint64In(point, "timeUnixNano"),
  };
}

function distribution(point: Fields) {
  return {
    count: countIn(point, "count"),
    ...doubleIn(point, "sum"),
    ...doubleIn(point, "min"),
    ...doubleIn(point, "max"),
  };
}

function buckets(fields: Fields): ExponentialBuckets {
  return { offset: int32In(fields, "offset"), bucketCounts: counts(fields) };
}

function counts(fields: Fields): number[] {
  return valuesIn(fields, "bucketCounts").map((count) => countIn({ bucketCounts: count }, "bucketCounts"));
}
