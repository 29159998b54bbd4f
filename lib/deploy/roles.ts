/** Of the execution role that a function has to itself, what CloudFormation is told. */

export interface Statement {
  Effect: "Allow" | "Deny";
  Action: readonly string[];
  Resource: unknown;
}

export interface RoleOptions {
  /** Logical id of the function's log group. */
  logGroup: string;
  /** What it may do besides writing its log. */
  statements: readonly Statement[];
  /** Whether X-Ray traces it. */
  tracing: boolean;
}

/** X-Ray knows no resources: its actions are allowed for all or for none. */
const XRAY: Statement = {
  Effect: "Allow",
  Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  Resource: "*",
};

/** A role for one function: it writes to its own log group, which the stack makes, and to no other. */
export function roleOf({ logGroup, statements, tracing }: RoleOptions) {
  const log: Statement = {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: { "Fn::GetAtt": [logGroup, "Arn"] },
  };
  return {
    Type: "AWS::IAM::Role",
    Properties: {
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
