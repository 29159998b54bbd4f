import { codeOf, messageOf, type RegionalAws } from "./aws.ts";
import { type Finding, ok, problem } from "./finding.ts";

const CHECK = "credentials";

const CONFIGURE =
  "run `aws configure`, or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/** What to do, by what the command line or AWS says. */
const REMEDIES: readonly (readonly [what: RegExp, remedy: string])[] = [
  [
    /is not installed/,
    "install the AWS command line: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  ],
  [/Unable to locate credentials|Partial credentials/, CONFIGURE],
  [/config profile .* could not be found/, "correct AWS_PROFILE: `aws configure list-profiles` names the profiles"],
  [
    /ExpiredToken|session .*expired|Token has expired|RequestExpired/i,
    "they have expired: sign in again, `aws sso login`",
  ],
  [
    /InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|InvalidAccessKeyId/,
    `AWS does not know them: ${CONFIGURE}`,
  ],
  [
    /AccessDenied/,
    "the account refuses them: ask who administers it, a service control policy may deny sts:GetCallerIdentity",
  ],
  [
    /Could not connect|timed? ?out/i,
    "AWS could not be reached: check the network, the region's name, HTTPS_PROXY and AWS_ENDPOINT_URL",
  ],
];

/** Whose credentials the AWS command line uses. */
export async function checkCredentials(aws: RegionalAws): Promise<Finding> {
  try {
    const { Account, Arn } = await aws<{ Account: string; Arn: string }>("sts", "get-caller-identity");
    return ok(CHECK, `account ${Account}, ${Arn}`);
  } catch (error) {
    const message = messageOf(error);
    const [, remedy = CONFIGURE] = REMEDIES.find(([what]) => what.test(`${codeOf(error)} ${message}`)) ?? [];
    return problem(CHECK, message, remedy);
  }
}
