/**
 * RAG_STREAM_API=rest: the function `stream` behind a REST API in place of its function URL. Written here as osls' own REST
 * APIs have a deployment with the time in its name, and are not reproducible.
 */
import { createHash } from "node:crypto";

export interface StreamApiOptions {
  /** Logical id of the function. */
  lambda: string;
  timeoutSeconds: number;
  /** Above which API Gateway returns 429. */
  requestsPerSecond: number;
  burst: number;
}

/** Its part of the URL. */
const STAGE = "stream";
/** API Gateway streams for at most 15 minutes. */
const MAX_SECONDS = 900;
/** Name of the API, unique in a region. */
export const STREAM_API_NAME = { "Fn::Sub": `\${AWS::StackName}-stream` };

/**
 * The CloudFormation resources and outputs of the API. All requests go to the function, as from a function URL: its app
 * knows the routes, and responds to preflights by RAG_CORS_ORIGINS.
 */
export function streamApi({ lambda, timeoutSeconds, requestsPerSecond, burst }: StreamApiOptions) {
  const api = { RestApiId: { Ref: "StreamApi" } };
  const integration = {
    Type: "AWS_PROXY",
    IntegrationHttpMethod: "POST",
    ResponseTransferMode: "STREAM",
    // Longer than the function's own, so that it is the function that ends the stream.
    TimeoutInMillis: Math.min(timeoutSeconds + 1, MAX_SECONDS) * 1_000,
    Uri: {
      "Fn::Sub": `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:lambda:path/2021-11-15/functions/\${${lambda}.Arn}/response-streaming-invocations`,
    },
  };
  const routes = {
    StreamApi: {
      Type: "AWS::ApiGateway::RestApi",
      Properties: { Name: STREAM_API_NAME, EndpointConfiguration: { Types: ["REGIONAL"] } },
    },
    StreamApiProxy: {
      Type: "AWS::ApiGateway::Resource",
      Properties: { ...api, ParentId: { "Fn::GetAtt": ["StreamApi", "RootResourceId"] }, PathPart: "{proxy+}" },
    },
    StreamApiAny: {
      Type: "AWS::ApiGateway::Method",
      Properties: {
        ...{ ...api, ResourceId: { Ref: "StreamApiProxy" }, HttpMethod: "ANY" },
        ...{ AuthorizationType: "NONE", Integration: integration },
      },
    },
  };
  // A deployment is a snapshot: changed routes are in use only with another one.
  const deployment = `StreamApiDeployment${createHash("sha256").update(JSON.stringify(routes)).digest("hex").slice(0, 12)}`;
  return {
    Resources: {
      ...routes,
      [deployment]: { Type: "AWS::ApiGateway::Deployment", Properties: api, DependsOn: ["StreamApiAny"] },
      StreamApiStage: {
        Type: "AWS::ApiGateway::Stage",
        Properties: {
          ...{ ...api, DeploymentId: { Ref: deployment }, StageName: STAGE },
          MethodSettings: [
            {
              ...{ ResourcePath: "/*", HttpMethod: "*" },
              ...{ ThrottlingRateLimit: requestsPerSecond, ThrottlingBurstLimit: burst },
            },
          ],
        },
      },
      StreamApiPermission: {
        Type: "AWS::Lambda::Permission",
        Properties: {
          FunctionName: { "Fn::GetAtt": [lambda, "Arn"] },
          Action: "lambda:InvokeFunction",
          Principal: "apigateway.amazonaws.com",
          SourceArn: {
            "Fn::Sub": `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${StreamApi}/${STAGE}/*/*`,
          },
        },
      },
    },
    Outputs: {
      StreamApiUrl: {
        Value: { "Fn::Sub": `https://\${StreamApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/${STAGE}` },
      },
    },
  };
}
