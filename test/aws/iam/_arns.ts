import type { Resource } from "../../deploy/stack/_package.ts";
import { ACCOUNT, REGION } from "../_emulator.ts";
import type { Request } from "./_policies.ts";

/** Physical ids as CloudFormation gives them, of resources that the template does not name. */
const RANDOM = "1A2B3C4D5E6F";
const OF_REGION = `${REGION}:${ACCOUNT}`;

export const secretArn = (name: string) => `arn:aws:secretsmanager:${OF_REGION}:secret:${name}-AbCdEf`;

/** The resources of a stage, as IAM names them. */
export function arnsOf(stage: string, api = "a1b2c3d4e5") {
  const stack = `edge-rag-${stage}`;
  const functionArn = `arn:aws:lambda:${OF_REGION}:function:${stack}-embed`;
  const bucket = `arn:aws:s3:::${stack}-serverlessdeploymentbucket-${RANDOM.toLowerCase()}`;
  const apiArn = `arn:aws:apigateway:${REGION}::/apis/${api}`;
  const restApi = `arn:aws:apigateway:${REGION}::/restapis/${api}`;
  return {
    ...{ functionArn, bucket, api: apiArn, object: `${bucket}/serverless/edge-rag/${stage}/query.zip` },
    stack: `arn:aws:cloudformation:${OF_REGION}:stack/${stack}/0f1e2d3c`,
    mapping: `arn:aws:lambda:${OF_REGION}:event-source-mapping:0f1e2d3c`,
    role: `arn:aws:iam::${ACCOUNT}:role/${stack}-EmbedLambdaFunctionRole-${RANDOM}`,
    logGroup: `arn:aws:logs:${OF_REGION}:log-group:/aws/lambda/${stack}-embed:*`,
    accessLog: `arn:aws:logs:${OF_REGION}:log-group:/aws/http-api/${stack}:*`,
    queue: `arn:aws:sqs:${OF_REGION}:${stack}-ingest`,
    alarm: `arn:aws:cloudwatch:${OF_REGION}:alarm:${stack}-IngestDelayAlarm-${RANDOM}`,
    secret: secretArn(`edge-rag/${stage.startsWith("pr-") ? "preview" : stage}`),
    restApi,
    tagsOfRestApi: `arn:aws:apigateway:${REGION}::/tags/${encodeURIComponent(restApi)}`,
    tagsOfApi: `arn:aws:apigateway:${REGION}::/tags/${encodeURIComponent(apiArn)}`,
  };
}

/**
 * The requests in which an action is authorized that manages a resource of this type in the stack of a stage.
 *
 * @param logGroup name of the log group, if that is the resource
 */
export function requestsOf(action: string, type: string, stage: string, logGroup?: unknown): Request[] {
  const arns = arnsOf(stage);
  const [service = "", name = ""] = action.split(":");
  switch (service) {
    case "apigateway":
      return apiRequests(action, type, arns);
    case "cloudwatch":
      return [{ action, resource: name === "DescribeAlarms" ? "*" : arns.alarm }];
    case "iam":
      return [
        {
          action,
          resource: arns.role,
          ...(name === "PassRole" && { context: { "iam:passedtoservice": "lambda.amazonaws.com" } }),
        },
      ];
    case "lambda":
      return [
        type === "AWS::Lambda::EventSourceMapping"
          ? mappingRequest(action, arns)
          : { action, resource: arns.functionArn },
      ];
    case "logs":
      return [
        { action, resource: name.startsWith("Describe") ? "*" : `arn:aws:logs:${OF_REGION}:log-group:${logGroup}:*` },
      ];
    case "s3":
      return [{ action, resource: /Object(Version)?$/.test(name) ? arns.object : arns.bucket }];
    case "sqs":
      return [{ action, resource: arns.queue }];
    default:
      throw new Error(`${action}, of ${type}: on which resource?`);
  }
}

type Arns = ReturnType<typeof arnsOf>;

/** Creating is authorized on no resource; and the function is a condition key, not the resource. */
function mappingRequest(action: string, { mapping, functionArn }: Arns): Request {
  if (!action.endsWith("EventSourceMapping")) return { action, resource: mapping };
  const resource = action.endsWith("CreateEventSourceMapping") ? "*" : mapping;
  return { action, resource, context: { "lambda:functionarn": functionArn } };
}

/** An API is created in a collection, as is all that it consists of; its tags are a resource of their own. */
function apiRequests(action: string, type: string, arns: Arns): Request[] {
  const isRest = type.startsWith("AWS::ApiGateway::");
  const [api, tags] = isRest ? [arns.restApi, arns.tagsOfRestApi] : [arns.api, arns.tagsOfApi];
  const [, , kind = ""] = type.split("::");
  const collection = kind.endsWith("Api") ? api.slice(0, api.lastIndexOf("/")) : `${api}/${kind.toLowerCase()}s`;
  const resource = action.endsWith(":POST") ? collection : kind.endsWith("Api") ? api : `${collection}/x1y2z3`;
  return [resource, tags].map((resource) => ({ action, resource }));
}

interface Statement {
  Action: string[];
  Resource: unknown;
}

/** The requests that the roles in the template of a stage allow. */
export function requestsOfRoles(resources: Readonly<Record<string, Resource>>, stage: string): Request[] {
  const arns = arnsOf(stage);
  const arnOf = (value: unknown): string => {
    if (typeof value === "string") return value;
    const { "Fn::GetAtt": [id = ""] = [], "Fn::Sub": text } = value as { "Fn::GetAtt"?: string[]; "Fn::Sub"?: string };
    const type = resources[id]?.Type;
    if (type === "AWS::Logs::LogGroup") return arns.logGroup;
    if (type === "AWS::SQS::Queue") return arns.queue;
    if (text?.includes(":secretsmanager:")) return arns.secret;
    throw new Error(`which resource is ${JSON.stringify(value)}?`);
  };
  const policies = Object.values(resources).flatMap(({ Type, Properties }) =>
    Type === "AWS::IAM::Role" ? (Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[]) : [],
  );
  return policies.flatMap(({ PolicyDocument }) =>
    PolicyDocument.Statement.flatMap(({ Action, Resource }) =>
      Action.map((action) => ({ action, resource: arnOf(Resource) })),
    ),
  );
}
