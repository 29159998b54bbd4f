import { isObject } from "./event.ts";

/** An event that a function cannot answer. The message names its format, never its content. */
export class UnsupportedEventError extends Error {
  override readonly name = "UnsupportedEventError";

  /**
   * @param received as {@link describeEvent} says it
   * @param accepted the formats that the function accepts
   * @param traceId of the log line about it
   */
  constructor(received: string, accepted: string, traceId: string) {
    super(
      `This function received ${received}, and accepts only ${accepted}. Remove the trigger, or connect the right function to it. The log has more, with trace_id ${traceId}.`,
    );
  }
}

/** Fields by which an event is known, and what it then is. */
const KNOWN: readonly [field: string, what: string][] = [
  ["methodArn", "an authorizer's request of API Gateway"],
  ["routeArn", "an authorizer's request of API Gateway"],
  ["connectionId", "an event of an API Gateway WebSocket"],
  ["serviceArn", "a request of VPC Lattice"],
  ["elb", "a request of an Application Load Balancer"],
  ["detail-type", "an EventBridge event"],
  ["awslogs", "CloudWatch Logs"],
  ["triggerSource", "a trigger of a Cognito user pool"],
  ["identityPoolId", "an event of Cognito Sync"],
  ["deliveryStreamArn", "records of Firehose"],
  ["Records", "records of no known source"],
];

/** The format of an event, in words: "records of aws:s3", "an EventBridge event", "null". */
export function describeEvent(event: unknown): string {
  if (Array.isArray(event)) return "an array";
  if (!isObject(event)) return event === null || event === undefined ? "null" : `a ${typeof event}`;
  const source = sourceOf(event);
  if (source !== undefined) return `records of ${source}`;
  const fields = { ...event, ...(isObject(event.requestContext) && event.requestContext) };
  const known = KNOWN.find(([field]) => field in fields)?.[1];
  if (known !== undefined) return known;
  return Object.keys(event).length === 0 ? "an empty object" : "an object of no known format";
}

/** "aws:s3": the service whose records an event has. */
export function sourceOf(event: unknown): string | undefined {
  if (!isObject(event)) return undefined;
  const [record = event] = Array.isArray(event.Records) ? event.Records : [];
  const source = isObject(record) ? (record.eventSource ?? record.EventSource) : undefined;
  return typeof source === "string" && /^[\w:]{1,40}$/.test(source) ? source : undefined;
}
