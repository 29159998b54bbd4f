import { isMissing, messageOf, type RegionalAws } from "./aws.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, notChecked, ok, problem } from "./finding.ts";

/** Whether what the settings name by ARN exists: the topic of alarms, and the permissions boundary. */
export async function checkReferences(aws: RegionalAws, { deploy, region, stage }: Deployment): Promise<Finding[]> {
  const { alarms, alarmTopic, permissionsBoundary } = deploy;
  return [
    ...(alarmTopic === "" ? [] : [alarms ? await checkTopic(aws, alarmTopic, region) : unused(stage)]),
    ...(permissionsBoundary === "" ? [] : [await checkBoundary(aws, permissionsBoundary)]),
  ];
}

const TOPIC = "alarm topic";

/** Encrypted with the key that every account has for SNS, whose policy cannot be changed: CloudWatch may not use it. */
const AWS_KEY = "alias/aws/sns";

function unused(stage: string): Finding {
  return ok(TOPIC, `RAG_ALARM_TOPIC is not used: ${stage} has no alarms`);
}

async function checkTopic(aws: RegionalAws, arn: string, region: string): Promise<Finding> {
  const [, , service, itsRegion] = arn.split(":");
  if (service !== "sns") return problem(TOPIC, "RAG_ALARM_TOPIC is not the ARN of an SNS topic", "set its ARN");
  if (itsRegion !== region) {
    return problem(TOPIC, `${arn} is not in ${region}`, "set a topic in the stack's region: alarms reach no other");
  }
  try {
    const { Attributes } = await aws<{ Attributes: Record<string, string> }>(
      ...["sns", "get-topic-attributes", "--topic-arn", arn],
    );
    if (Attributes.KmsMasterKeyId !== AWS_KEY) return ok(TOPIC, arn);
    const remedy = "encrypt it with a key of your own, whose policy allows cloudwatch.amazonaws.com to use it";
    return problem(TOPIC, `${arn} is encrypted with ${AWS_KEY}, which CloudWatch's alarms may not use`, remedy);
  } catch (error) {
    if (!isMissing(error)) return notChecked(TOPIC, messageOf(error));
    const remedy = `aws sns create-topic --region ${region} --name ${arn.split(":").at(-1)}`;
    return problem(TOPIC, `${arn} does not exist`, remedy);
  }
}

async function checkBoundary(aws: RegionalAws, arn: string): Promise<Finding> {
  const check = "boundary";
  try {
    await aws("iam", "get-policy", "--policy-arn", arn);
    return ok(check, arn);
  } catch (error) {
    if (!isMissing(error)) return notChecked(check, messageOf(error));
    return problem(check, `the policy ${arn} does not exist`, "create it, or correct RAG_PERMISSIONS_BOUNDARY");
  }
}
