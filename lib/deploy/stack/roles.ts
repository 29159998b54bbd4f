/** CloudFormation resources of the functions' execution roles. */

export interface Statement {
  Effect: "Allow" | "Deny";
  Action: readonly string[];
  Resource: unknown;
}

export interface RoleOptions {
  /** Logical id of the function's log group. */
  logGroup: string;
  /** Permissions besides writing its log. */
  statements: readonly Statement[];
  /** Whether X-Ray traces it. */
  tracing: boolean;
  /** ARN of the policy that is its permissions boundary; "" for none. */
  boundary: string;
}

/** A managed policy, of an account or of AWS itself. */
const POLICY_ARN = /^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/;

/** X-Ray's actions have no resource types: they can only be allowed on "*". */
const XRAY: Statement = {
  Effect: "Allow",
  Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  Resource: "*",
};

/** What is wrong with the boundary, if it is set but is not the ARN of a policy. */
export function boundaryProblem(arn: string): string | undefined {
  if (arn === "" || POLICY_ARN.test(arn)) return undefined;
  return "RAG_PERMISSIONS_BOUNDARY: must be the ARN of an IAM policy, like arn:aws:iam::123456789012:policy/name.";
}

/** A role for one function, which may write only to its own log group; the stack creates the group. */
export function roleOf({ logGroup, statements, tracing, boundary }: RoleOptions) {
  const log: Statement = {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: { "Fn::GetAtt": [logGroup, "Arn"] },
  };
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      ...(boundary && { PermissionsBoundary: boundary }),
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
      Policies: [
        {
          PolicyName: "function",
          PolicyDocument: { Version: "2012-10-17", Statement: [log, ...(tracing ? [XRAY] : []), ...statements] },
        },
      ],
    },
  };
}
