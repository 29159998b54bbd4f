import { expect, test } from "vitest";
import { checkStack } from "#deploy/preflight/stack.ts";
import { awsError, deployment, fakeAws } from "./_aws.ts";

const stack = (StackStatus: string, StackStatusReason?: string) => ({
  "aws cloudformation describe-stacks": { Stacks: [{ StackStatus, StackStatusReason }] },
});
const bucket = {
  "aws cloudformation describe-stack-resource": { StackResourceDetail: { PhysicalResourceId: "its-bucket" } },
};
const none = {
  "aws cloudformation describe-stacks": awsError("ValidationError", "Stack with id edge-rag-dev does not exist"),
};

test.each(["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])("%s can be updated", async (status) => {
  const { aws } = fakeAws({ ...stack(status), ...bucket, "aws s3api head-bucket": {} });
  expect(await checkStack(aws, deployment())).toMatchObject({ status: "ok", detail: `edge-rag-dev is ${status}` });
});

test.each([
  ["ROLLBACK_COMPLETE", /^it can only be removed: npx osls remove --stage dev --region eu-west-1; why it failed: /],
  ["ROLLBACK_IN_PROGRESS", /^wait until it is ROLLBACK_COMPLETE, then it can only be removed/],
  ["ROLLBACK_FAILED", /osls remove/],
  ["DELETE_FAILED", /osls remove/],
  ["CREATE_FAILED", /osls remove/],
  ["REVIEW_IN_PROGRESS", /osls remove/],
  ["UPDATE_ROLLBACK_FAILED", /continue-update-rollback --region eu-west-1 --stack-name edge-rag-dev$/],
  ["UPDATE_IN_PROGRESS", /^wait until it is done/],
  ["UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", /^wait until it is done/],
  ["UPDATE_FAILED", /rollback-stack/],
])("%s cannot be updated, and the reason is shown", async (status, remedy) => {
  const finding = await checkStack(fakeAws(stack(status, "The bucket is not empty")).aws, deployment());
  expect(finding).toMatchObject({ status: "problem", detail: `edge-rag-dev is ${status}: The bucket is not empty` });
  expect(finding.remedy).toMatch(remedy);
});

test("a stack whose bucket was deleted cannot be updated", async () => {
  const { aws } = fakeAws({ ...stack("UPDATE_COMPLETE"), ...bucket, "aws s3api head-bucket": awsError("404") });
  const finding = await checkStack(aws, deployment());
  expect(finding).toMatchObject({ status: "problem", detail: expect.stringContaining("its bucket its-bucket was") });
  expect(finding.remedy).toContain("aws s3 mb s3://its-bucket --region eu-west-1");
});

test("a first deployment is fine, and a bucket left over from an earlier one is named", async () => {
  const left = "edge-rag-dev-serverlessdeploymentbucket-1abc";
  const { aws } = fakeAws({
    ...none,
    "aws logs describe-log-groups": { logGroups: [{ logGroupName: "/aws/lambda/edge-rag-dev-other" }] },
    "aws s3api list-buckets": { Buckets: [{ Name: "edge-rag-devel" }, { Name: left }] },
  });
  const { status, detail } = await checkStack(aws, deployment());
  expect(status).toBe("ok");
  expect(detail).toMatch(/first deployment; left over .*: aws s3 rb --force s3:\/\/edge-rag-dev-serverless\S+-1abc$/);
});

test("a log group left over is in the way of a first deployment", async () => {
  const { aws } = fakeAws({
    ...none,
    "aws logs describe-log-groups": { logGroups: [{ logGroupName: "/aws/lambda/edge-rag-dev-query" }] },
  });
  expect(await checkStack(aws, deployment())).toMatchObject({
    status: "problem",
    remedy: expect.stringContaining("--log-group-name /aws/lambda/edge-rag-dev-query"),
  });
});

test("what may not be asked is not checked", async () => {
  const denied = awsError("AccessDenied", "not authorized");
  const { aws } = fakeAws({ "aws cloudformation describe-stacks": denied });
  expect(await checkStack(aws, deployment())).toMatchObject({ status: "not checked" });
  const { aws: first } = fakeAws({ ...none, "aws logs describe-log-groups": denied });
  expect(await checkStack(first, deployment())).toMatchObject({
    status: "not checked",
    detail: expect.stringMatching(/first deployment, and whether an earlier one left something: .*not authorized/),
  });
});
