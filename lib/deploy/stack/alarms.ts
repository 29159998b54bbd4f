/** CloudWatch alarms, for failures that the functions' own telemetry cannot report. */
import { STREAM_API_NAME } from "./stream-api.ts";

interface Alarm {
  description: string;
  namespace: "AWS/Lambda" | "AWS/ApiGateway" | "AWS/SQS";
  metric: string;
  /** By name; values are strings or intrinsic functions. */
  dimensions: Readonly<Record<string, unknown>>;
  statistic: "Sum" | "Maximum" | "p95";
  /** The alarm fires above it. */
  threshold: number;
}

export interface AlarmedFunction {
  /** Its name in serverless.yml. */
  name: string;
  /** Logical id. */
  id: string;
  timeoutSeconds: number;
  /** Whether it has a function URL. */
  url: boolean;
}

/** Limit for the flush after a response: a slow or distant collector costs billed time with every invocation. */
const FLUSH_MS = 1_000;
/** An hour. */
const MESSAGE_AGE_S = 3_600;

/** The alarms of a function, by logical id. */
export function functionAlarms({ name, id, timeoutSeconds, url }: AlarmedFunction): Record<string, Alarm> {
  const lambda = { namespace: "AWS/Lambda", dimensions: { FunctionName: { Ref: id } } } as const;
  const halfTheTimeMs = (timeoutSeconds * 1_000) / 2;
  return {
    [`${id}ErrorsAlarm`]: {
      ...lambda,
      ...{ metric: "Errors", statistic: "Sum", threshold: 0 },
      description: `${name} crashed, ran out of time or of memory, or did not start: its log says which.`,
    },
    [`${id}ThrottlesAlarm`]: {
      ...lambda,
      ...{ metric: "Throttles", statistic: "Sum", threshold: 0 },
      description: `${name} was called more often than its concurrency, or the account's, allows.`,
    },
    [`${id}DurationAlarm`]: {
      ...lambda,
      ...{ metric: "Duration", statistic: "p95", threshold: halfTheTimeMs },
      description: `One call of ${name} in twenty takes more than half of the time it may take.`,
    },
    [`${id}FlushAlarm`]: {
      ...lambda,
      ...{ metric: "PostRuntimeExtensionsDuration", statistic: "p95", threshold: FLUSH_MS },
      description: `${name} sends telemetry for more than a second after its response, which is billed: the collector is slow.`,
    },
    ...(url && {
      [`${id}UrlAlarm`]: {
        ...lambda,
        ...{ metric: "Url5xxCount", statistic: "Sum", threshold: 0 },
        description: `The URL of ${name} answered with a 5xx: a service that is needed is down, or the function is.`,
      },
    }),
  };
}

/** Alarms of shared resources. */
export const SHARED_ALARMS: Readonly<Record<string, Alarm>> = {
  HttpApiServerErrorsAlarm: {
    namespace: "AWS/ApiGateway",
    dimensions: { ApiId: { Ref: "HttpApi" } },
    ...{ metric: "5xx", statistic: "Sum", threshold: 0 },
    description: "The HTTP API answered with a 5xx: a service that is needed is down, or a function is.",
  },
  IngestDeadLettersAlarm: {
    namespace: "AWS/SQS",
    dimensions: { QueueName: { "Fn::GetAtt": ["IngestDeadLetterQueue", "QueueName"] } },
    ...{ metric: "ApproximateNumberOfMessagesVisible", statistic: "Maximum", threshold: 0 },
    description: "Messages with documents failed five times and are in the dead-letter queue.",
  },
  IngestDelayAlarm: {
    namespace: "AWS/SQS",
    dimensions: { QueueName: { "Fn::GetAtt": ["IngestQueue", "QueueName"] } },
    ...{ metric: "ApproximateAgeOfOldestMessage", statistic: "Maximum", threshold: MESSAGE_AGE_S },
    description: "Documents have been waiting in the queue for more than an hour.",
  },
};

/** That of the REST API of streamed answers, where there is one: in place of that of the function URL. */
export const STREAM_API_ALARMS: Readonly<Record<string, Alarm>> = {
  StreamApiServerErrorsAlarm: {
    namespace: "AWS/ApiGateway",
    dimensions: { ApiName: STREAM_API_NAME },
    ...{ metric: "5XXError", statistic: "Sum", threshold: 0 },
    description:
      "The REST API of streamed answers answered with a 5xx: a service that is needed is down, or a function is.",
  },
};

/**
 * The CloudFormation resource of an alarm over five minutes. Missing data is not an alarm.
 *
 * @param topic ARN of the SNS topic that is notified when the alarm fires and when it clears; "" for none
 */
export function toResource(alarm: Alarm, topic: string) {
  const { description, namespace, metric, dimensions, statistic, threshold } = alarm;
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmDescription: description,
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      ...(statistic === "p95" ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: threshold,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "notBreaching",
      ...(topic && { AlarmActions: [topic], OKActions: [topic] }),
    },
  };
}
