import { enumIn, type Fields, flagIn, messageIn, messagesIn, textIn, valuesIn } from "./fields.ts";
import { LIMITS } from "./limits.ts";
import type { MetricsPayload, OtlpMetric } from "./payload.ts";
import { PointError, readExponentialHistogram, readHistogram, readNumber, readSummary } from "./points.ts";
import { type Received, Rejections } from "./rejections.ts";
import { readResource, readScope } from "./resources.ts";

const TEMPORALITIES = ["unspecified", "delta", "cumulative"] as const;
const TYPES = ["sum", "gauge", "histogram", "exponentialHistogram", "summary"] as const;
/** "No recorded value": the series has ended. */
const NO_VALUE = 1;

/**
 * Reads an ExportMetricsServiceRequest. Points that say nothing, such as those of a sum of unknown temporality, are
 * rejected, the others are in the payload.
 *
 * @throws DecodeError when it is no such request
 */
export function readMetrics(request: Fields): Received<MetricsPayload> {
  const rejections = new Rejections("data point");
  const metrics: OtlpMetric[] = [];
  messagesIn(request, "resourceMetrics", (resourceMetrics) => {
    const resource = readResource(resourceMetrics);
    messagesIn(resourceMetrics, "scopeMetrics", (scopeMetrics) => {
      const scope = readScope(scopeMetrics);
      messagesIn(scopeMetrics, "metrics", (fields) => {
        const metric = readMetric(fields, rejections);
        if (metric) metrics.push({ resource, scope, ...metric });
      });
    });
  });
  return { payload: { metrics }, rejections };
}

/** @returns `undefined` for a metric of which nothing is kept */
function readMetric(fields: Fields, rejections: Rejections) {
  const name = textIn(fields, "name", LIMITS.nameCharacters);
  const named = {
    name,
    description: textIn(fields, "description", LIMITS.valueCharacters),
    unit: textIn(fields, "unit", LIMITS.nameCharacters),
  };
  const type = TYPES.find((candidate) => fields[candidate] !== undefined && fields[candidate] !== null);
  if (type === undefined) return rejections.add(`"${name}": a kind of metric that is not known`, 0);
  const data = messageIn(fields, type);
  const reject = (problem: string, points: number) => rejections.add(`"${name}": ${problem}`, points);

  function points<Point>(read: (point: Fields) => Point): Point[] {
    return messagesIn(data, "dataPoints", (point) => {
      if ((Number(point.flags ?? 0) & NO_VALUE) !== 0) return [];
      try {
        return [read(point)];
      } catch (error) {
        if (!(error instanceof PointError)) throw error;
        reject(error.message, 1);
        return [];
      }
    }).flat();
  }

  if (name === "") return reject("a metric needs a name", valuesIn(data, "dataPoints").length);
  if (type === "gauge") return { ...named, type, dataPoints: points(readNumber) };
  if (type === "summary") return { ...named, type, dataPoints: points(readSummary) };
  const temporality = enumIn(data, "aggregationTemporality", TEMPORALITIES, "AGGREGATION_TEMPORALITY_");
  if (temporality === "unspecified") {
    return reject("aggregationTemporality must be delta or cumulative", valuesIn(data, "dataPoints").length);
  }
  if (type === "histogram") return { ...named, type, temporality, dataPoints: points(readHistogram) };
  if (type === "exponentialHistogram") {
    return { ...named, type, temporality, dataPoints: points(readExponentialHistogram) };
  }
  return { ...named, type, temporality, isMonotonic: flagIn(data, "isMonotonic"), dataPoints: points(readNumber) };
}
