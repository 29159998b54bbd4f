import { expect, test } from "vitest";
import { describeEvent, sourceOf, UnsupportedEventError } from "#http/lambda/unsupported-event.ts";

test.each([
  [null, "null"],
  [undefined, "null"],
  ["canary", "a string"],
  [4711, "a number"],
  [["canary"], "an array"],
  [{}, "an empty object"],
  [{ key1: "value1", key2: "value2" }, "an object of no known format"],
  [{ Records: [{ eventSource: "aws:s3" }] }, "records of aws:s3"],
  [{ Records: [{ EventSource: "aws:sns" }] }, "records of aws:sns"],
  [{ eventSource: "aws:kafka", records: {} }, "records of aws:kafka"],
  [{ Records: [] }, "records of no known source"],
  [{ Records: ["canary"] }, "records of no known source"],
  [{ Records: [{ eventSource: "a canary!" }] }, "records of no known source"],
  [{ "detail-type": "Scheduled Event", source: "aws.events", detail: {} }, "an EventBridge event"],
  [{ requestContext: { connectionId: "canary" } }, "an event of an API Gateway WebSocket"],
  [{ requestContext: { serviceArn: "canary" } }, "a request of VPC Lattice"],
])("the event %j is %s", (event, description) => {
  expect(describeEvent(event)).toBe(description);
});

test("the source of records is known only by its service", () => {
  expect(sourceOf({ Records: [{ eventSource: "aws:sqs" }] })).toBe("aws:sqs");
  expect(sourceOf({ Records: null })).toBeUndefined();
  expect(sourceOf(null)).toBeUndefined();
});

test("the error says what was received, what is accepted, and where to read more", () => {
  const error = new UnsupportedEventError("null", "messages of SQS", "0af7");
  expect(error.name).toBe("UnsupportedEventError");
  expect(error.message).toMatch(/received null, and accepts only messages of SQS\..* trace_id 0af7\.$/);
});
