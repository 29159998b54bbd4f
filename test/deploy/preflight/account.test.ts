import { describe, expect, test } from "vitest";
import { checkConcurrency } from "#deploy/preflight/concurrency.ts";
import { checkCredentials } from "#deploy/preflight/credentials.ts";
import { checkReferences } from "#deploy/preflight/references.ts";
import { awsError, deployment, fakeAws } from "./_aws.ts";

describe("credentials", () => {
  test("whose they are is shown, and the region is passed, which version 1 of the command line needs", async () => {
    const { aws, calls } = fakeAws({
      "aws sts get-caller-identity": { Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/me" },
    });
    expect(await checkCredentials(aws)).toMatchObject({
      status: "ok",
      detail: "account 123456789012, arn:aws:iam::123456789012:user/me",
    });
    expect(calls()[0]).toContain("--region eu-west-1");
  });

  test.each([
    [{ fails: "Unable to locate credentials. You can configure credentials" }, /^run `aws configure`/],
    [
      awsError("ExpiredToken", "The security token included in the request is expired"),
      /have expired: .*aws sso login/,
    ],
    [{ fails: "The SSO session associated with this profile has expired or is otherwise invalid." }, /aws sso login/],
    [awsError("InvalidClientTokenId", "The security token is invalid."), /^AWS does not know them/],
    [awsError("AccessDenied", "with an explicit deny"), /service control policy/],
    [{ fails: "The config profile (nope) could not be found" }, /AWS_PROFILE/],
    [{ fails: 'Could not connect to the endpoint URL: "https://sts.nowhere-1.amazonaws.com/"' }, /region's name/],
  ])("%j is a problem with its own remedy", async (answer, remedy) => {
    const { aws } = fakeAws({ "aws sts": answer });
    const finding = await checkCredentials(aws);
    expect(finding.status).toBe("problem");
    expect(finding.remedy).toMatch(remedy);
  });
});

describe("concurrency", () => {
  const functions = [
    { name: "edge-rag-staging-query", reserved: 10, environment: {} },
    { name: "edge-rag-staging-embed", reserved: 5, environment: {} },
  ];
  const staging = deployment({ stage: "staging", stack: "edge-rag-staging", functions });
  const limits = (limit: number, unreserved = limit) => ({
    "aws lambda get-account-settings": {
      AccountLimit: { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: unreserved },
    },
  });
  const none = { "aws lambda get-function-concurrency": awsError("ResourceNotFoundException") };

  test.each([
    [10, "and Lambda keeps 10 unreserved"],
    [114, "and Lambda keeps 100 unreserved"],
  ])("an account's limit of %d is too low for 15", async (limit, why) => {
    const finding = await checkConcurrency(fakeAws({ ...limits(limit), ...none }).aws, staging);
    expect(finding).toMatchObject({ status: "problem", detail: expect.stringContaining(why) });
    expect(finding.remedy).toMatch(/request-service-quota-increase --region eu-west-1 .* --desired-value 1000; or/);
  });

  test("a limit of 115 is enough for 15, as 100 stay", async () => {
    const finding = await checkConcurrency(fakeAws({ ...limits(115), ...none }).aws, staging);
    expect(finding).toMatchObject({ status: "ok", detail: expect.stringContaining("of which 100 would be left") });
  });

  test("what the stage has already reserved counts once", async () => {
    const answers = {
      ...limits(115, 100),
      "aws lambda get-function-concurrency --function-name edge-rag-staging-query": {
        ReservedConcurrentExecutions: 10,
      },
      "aws lambda get-function-concurrency --function-name edge-rag-staging-embed": { ReservedConcurrentExecutions: 5 },
    };
    expect(await checkConcurrency(fakeAws(answers).aws, staging)).toMatchObject({ status: "ok" });
  });

  test("a function that reserves nothing, for which the command line prints nothing, has none", async () => {
    const { aws } = fakeAws({ ...limits(115), "aws lambda get-function-concurrency": {} });
    expect(await checkConcurrency(aws, staging)).toMatchObject({
      status: "ok",
      detail: expect.stringContaining("of which it has 0"),
    });
  });

  test("a stage that reserves nothing can be deployed in a new account", async () => {
    const finding = await checkConcurrency(fakeAws(limits(10)).aws, deployment());
    expect(finding).toMatchObject({ status: "ok", detail: expect.stringContaining("limit in eu-west-1 is 10") });
  });

  test("it is not checked when the credentials may not ask", async () => {
    const { aws } = fakeAws({ "aws lambda": awsError("AccessDeniedException", "not authorized to perform: lambda:X") });
    expect(await checkConcurrency(aws, staging)).toMatchObject({
      status: "not checked",
      detail: expect.stringContaining("lambda:X"),
    });
  });
});

describe("what the settings name by ARN", () => {
  const alarmTopic = "arn:aws:sns:eu-west-1:123456789012:alarms";
  const withTopic = (arn: string, alarms = true) => deployment({ deploy: { alarms, alarmTopic: arn } });

  test("a topic that exists is fine, and one that does not is created by the remedy", async () => {
    const found = fakeAws({ "aws sns get-topic-attributes": { Attributes: { TopicArn: alarmTopic } } });
    expect(await checkReferences(found.aws, withTopic(alarmTopic))).toMatchObject([{ status: "ok" }]);
    const missing = fakeAws({ "aws sns get-topic-attributes": awsError("NotFound") });
    expect(await checkReferences(missing.aws, withTopic(alarmTopic))).toMatchObject([
      { status: "problem", remedy: "aws sns create-topic --region eu-west-1 --name alarms" },
    ]);
  });

  test("a topic in another region, or with a key that CloudWatch may not use, gets no alarm", async () => {
    const answer = { Attributes: { KmsMasterKeyId: "alias/aws/sns" } };
    const { aws } = fakeAws({ "aws sns get-topic-attributes": answer });
    const [encrypted] = await checkReferences(aws, withTopic(alarmTopic));
    expect(encrypted).toMatchObject({ status: "problem", detail: expect.stringContaining("alias/aws/sns") });
    const [elsewhere] = await checkReferences(aws, withTopic(alarmTopic.replace("eu-west-1", "us-east-1")));
    expect(elsewhere).toMatchObject({ status: "problem", detail: expect.stringContaining("is not in eu-west-1") });
    const [other] = await checkReferences(aws, withTopic("arn:aws:sqs:eu-west-1:123456789012:alarms"));
    expect(other).toMatchObject({ status: "problem", detail: expect.stringContaining("not the ARN of an SNS topic") });
  });

  test("a stage without alarms needs no topic", async () => {
    const { aws, calls } = fakeAws({});
    expect(await checkReferences(aws, withTopic(alarmTopic, false))).toMatchObject([{ status: "ok" }]);
    expect(await checkReferences(aws, deployment())).toEqual([]);
    expect(calls()).toEqual([]);
  });

  test("the permissions boundary must exist", async () => {
    const bounded = deployment({ deploy: { permissionsBoundary: "arn:aws:iam::123456789012:policy/limits" } });
    const found = fakeAws({ "aws iam get-policy": { Policy: {} } });
    expect(await checkReferences(found.aws, bounded)).toMatchObject([{ status: "ok" }]);
    const missing = fakeAws({ "aws iam get-policy": awsError("NoSuchEntity") });
    expect(await checkReferences(missing.aws, bounded)).toMatchObject([{ status: "problem" }]);
    const denied = fakeAws({ "aws iam get-policy": awsError("AccessDenied") });
    expect(await checkReferences(denied.aws, bounded)).toMatchObject([{ status: "not checked" }]);
  });
});
