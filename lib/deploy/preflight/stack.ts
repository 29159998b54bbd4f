import { BUCKET, bucketOf } from "#deploy/release/stack.ts";
import { isMissing, messageOf, type RegionalAws } from "./aws.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, notChecked, ok, problem } from "./finding.ts";

const CHECK = "stack";

interface Stack {
  StackStatus: string;
  StackStatusReason?: string;
}

/** Whether the stage's stack can be created or updated. */
export async function checkStack(aws: RegionalAws, deployment: Deployment): Promise<Finding> {
  const { stack } = deployment;
  try {
    const { Stacks } = await aws<{ Stacks: Stack[] }>("cloudformation", "describe-stacks", "--stack-name", stack);
    const [found] = Stacks;
    if (!found) throw new Error(`AWS describes no stack ${stack}`);
    return stateOf(found, deployment) ?? (await checkBucket(aws, found, deployment));
  } catch (error) {
    return isMissing(error) ? checkLeftovers(aws, deployment) : notChecked(CHECK, messageOf(error));
  }
}

/** The problem with a stack that cannot be updated. */
function stateOf({ StackStatus: status, StackStatusReason: reason }: Stack, of: Deployment): Finding | undefined {
  const { stack, stage, region } = of;
  const is = `${stack} is ${status}${reason ? `: ${reason}` : ""}`;
  const where = `--region ${region} --stack-name ${stack}`;
  if (status === "UPDATE_ROLLBACK_FAILED") {
    return problem(CHECK, is, `aws cloudformation continue-update-rollback ${where}`);
  }
  if (status === "REVIEW_IN_PROGRESS" || /^(?:ROLLBACK_|CREATE_FAILED|DELETE_FAILED)/.test(status)) {
    // ROLLBACK_IN_PROGRESS must end first.
    const first = status === "ROLLBACK_IN_PROGRESS" ? "wait until it is ROLLBACK_COMPLETE, then " : "";
    const remedy = `${first}it can only be removed: npx osls remove --stage ${stage} --region ${region}`;
    return problem(CHECK, is, `${remedy}; why it failed: aws cloudformation describe-stack-events ${where}`);
  }
  if (status.endsWith("_IN_PROGRESS")) {
    return problem(CHECK, is, `wait until it is done: aws cloudformation describe-stacks ${where}`);
  }
  if (status.endsWith("_FAILED")) return problem(CHECK, is, `aws cloudformation rollback-stack ${where}`);
  return undefined;
}

/** The bucket that packages are uploaded to belongs to the stack, and must not have been deleted by hand. */
async function checkBucket(aws: RegionalAws, { StackStatus }: Stack, of: Deployment): Promise<Finding> {
  const { stack, stage, region } = of;
  const found = ok(CHECK, `${stack} is ${StackStatus}`);
  const bucket = await bucketOf(stack, aws);
  try {
    await aws("s3api", "head-bucket", "--bucket", bucket);
    return found;
  } catch (error) {
    if (!isMissing(error)) return notChecked(CHECK, `${found.detail}, and its bucket: ${messageOf(error)}`);
    const remedy = `create it again, empty: aws s3 mb s3://${bucket} --region ${region}; or remove the stage: npx osls remove --stage ${stage} --region ${region}`;
    return problem(CHECK, `${stack} is ${StackStatus}, but its bucket ${bucket} was deleted`, remedy);
  }
}

/** What an earlier stack left behind: log groups of its functions' names are in the way of a new one, buckets are not. */
async function checkLeftovers(aws: RegionalAws, { stack, functions, region }: Deployment): Promise<Finding> {
  const first = `${stack} does not exist: this is its first deployment`;
  try {
    const { logGroups } = await aws<{ logGroups: { logGroupName: string }[] }>(
      ...["logs", "describe-log-groups", "--log-group-name-prefix", `/aws/lambda/${stack}-`],
    );
    const names = functions.map(({ name }) => `/aws/lambda/${name}`);
    const [left, ...others] = logGroups.map(({ logGroupName }) => logGroupName).filter((name) => names.includes(name));
    if (left !== undefined) {
      const remedy = `delete each: aws logs delete-log-group --region ${region} --log-group-name ${left}`;
      return problem(CHECK, `${first}, but log groups are left over: ${[left, ...others].join(", ")}`, remedy);
    }
    const { Buckets = [] } = await aws<{ Buckets?: { Name: string }[] }>("s3api", "list-buckets");
    const prefix = `${stack}-${BUCKET.toLowerCase()}`;
    const buckets = Buckets.map(({ Name }) => Name).filter((name) => name.startsWith(prefix));
    const note = buckets.length > 0 ? `; left over and not used any more: aws s3 rb --force s3://${buckets[0]}` : "";
    return ok(CHECK, `${first}${note}`);
  } catch (error) {
    return notChecked(CHECK, `${first}, and whether an earlier one left something: ${messageOf(error)}`);
  }
}
