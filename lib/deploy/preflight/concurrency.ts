import { isMissing, messageOf, type RegionalAws } from "./aws.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, notChecked, ok, problem } from "./finding.ts";

const CHECK = "concurrency";

/** What Lambda keeps unreserved, of an account with a limit of at least 100, and of a new one. */
const KEPT = 100;
const KEPT_OF_NEW_ACCOUNT = 10;

interface AccountSettings {
  AccountLimit: { ConcurrentExecutions: number; UnreservedConcurrentExecutions: number };
}

/** Whether the account's limit leaves room for the concurrency that the stage reserves. */
export async function checkConcurrency(aws: RegionalAws, deployment: Deployment): Promise<Finding> {
  const { functions, stage, region } = deployment;
  try {
    const { AccountLimit } = await aws<AccountSettings>("lambda", "get-account-settings");
    const { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: unreserved } = AccountLimit;
    const wanted = sum(functions.map(({ reserved }) => reserved));
    const ofAccount = `the account's limit in ${region} is ${limit}`;
    if (wanted === 0) return ok(CHECK, `${stage} reserves none; ${ofAccount}`);
    const present = sum(await Promise.all(functions.map(({ name }) => reservedBy(aws, name))));
    const left = unreserved + present - wanted;
    const kept = limit < KEPT ? KEPT_OF_NEW_ACCOUNT : KEPT;
    const numbers = `${stage} reserves ${wanted}, of which it has ${present}; ${ofAccount}, of which ${left} would be left`;
    if (left >= kept) return ok(CHECK, numbers);
    return problem(
      CHECK,
      `${numbers}, and Lambda keeps ${kept} unreserved`,
      `ask for more: aws service-quotas request-service-quota-increase --region ${region} --service-code lambda --quota-code L-B99A9384 --desired-value ${Math.max(1_000, limit + kept - left)}; or remove the …Concurrency lines of ${stage} from params in serverless.yml`,
    );
  } catch (error) {
    return notChecked(CHECK, messageOf(error));
  }
}

/** What a function has reserved; 0 for one that does not exist yet. */
async function reservedBy(aws: RegionalAws, name: string): Promise<number> {
  try {
    const { ReservedConcurrentExecutions: reserved = 0 } = await aws<{ ReservedConcurrentExecutions?: number }>(
      ...["lambda", "get-function-concurrency", "--function-name", name],
    );
    return reserved;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
