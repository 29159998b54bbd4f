import { expect, test } from "vitest";
import { tooLongNames } from "#deploy/stack/name-limits.ts";

const named = (Type: string, property: string, name: unknown) => ({ r: { Type, Properties: { [property]: name } } });

test.each([
  ["AWS::Lambda::Function", "FunctionName", 64],
  ["AWS::SQS::Queue", "QueueName", 80],
  ["AWS::IAM::Role", "RoleName", 64],
  ["AWS::S3::Bucket", "BucketName", 63],
  ["AWS::CloudWatch::Alarm", "AlarmName", 255],
])("the name of an %s fits", (type, property, limit) => {
  expect(tooLongNames("stack", named(type, property, "a".repeat(limit)))).toEqual([]);
  expect(tooLongNames("stack", named(type, property, "a".repeat(limit + 1)))).toEqual([
    `${type} ${"a".repeat(limit + 1)}: the name has ${limit + 1} characters, and AWS takes ${limit}.`,
  ]);
});

test("so does the stack's; names that CloudFormation makes up do not count", () => {
  expect(tooLongNames("s".repeat(128), { r: { Type: "AWS::IAM::Role" } })).toEqual([]);
  expect(tooLongNames("s".repeat(129), {})).toEqual([expect.stringContaining("129 characters, and AWS takes 128")]);
  expect(tooLongNames("s", named("AWS::SQS::Queue", "QueueName", { Ref: "x" }))).toEqual([]);
});
