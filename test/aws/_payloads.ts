import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { downloadModule } from "../../local-stack/native/build.ts";

const MODULE = "github.com/aws/aws-lambda-go";

/** AWS's own payloads of each event source, by file name: the test data of their library for Go. */
export function readPayloads(): Map<string, string> {
  const folder = join(downloadModule("events", MODULE), "events/testdata");
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return new Map(files.map((file) => [file.slice(0, -".json".length), readFileSync(join(folder, file), "utf8")]));
}

export type Format = "2.0" | "1.0" | "load balancer";

/** Requests, by the format of the event. */
export const REQUESTS: Readonly<Record<string, Format>> = {
  "apigw-v2-request-iam": "2.0",
  "apigw-v2-request-jwt-authorizer": "2.0",
  "apigw-v2-request-lambda-authorizer": "2.0",
  "apigw-v2-request-no-authorizer": "2.0",
  "lambda-urls-request": "2.0",
  "apigw-request": "1.0",
  "apigw-restapi-openapi-request": "1.0",
  "alb-lambda-target-request-headers-only": "load balancer",
  "alb-lambda-target-request-multivalue-headers": "load balancer",
};

/** The files whose event is refused, by what the error calls it; some have what a function returns. */
const REFUSED: Readonly<Record<string, string>> = {
  "records of aws:sqs": "sqs-event",
  "records of aws:sns": `
    sns-event cloudwatch-alarm-sns-payload-single-metric cloudwatch-alarm-sns-payload-multiple-metrics
  `,
  "records of aws:s3": `
    s3-event s3-event-with-decoded s3-glacier-event s3-intelligenttier-event s3-lifecycle-event
    s3-replication-event s3-restore-event
  `,
  "records of aws:dynamodb": "dynamodb-event dynamodb-time-window-event",
  "records of aws:kinesis": "kinesis-event kinesis-time-window-event",
  "records of aws:ses": "ses-lambda-event ses-s3-event ses-sns-event",
  "records of aws:codecommit": "code-commit-event",
  "records of aws:kafka": "kafka-event",
  "records of aws:mq": "activemq-event",
  "records of aws:rmq": "rabbitmq-event",
  "records of Firehose": "kinesis-firehose-event",
  "an EventBridge event": `
    autoscaling-event-launch-successful autoscaling-event-launch-unsuccessful
    autoscaling-event-terminate-successful autoscaling-event-terminate-unsuccessful
    autoscaling-event-lifecycle-action autoscaling-event-terminate-action codebuild-phase-change
    codebuild-state-change codedeploy-deployment-event codedeploy-instance-event
    codepipeline-action-execution-stage-change-event codepipeline-execution-stage-change-event
    codepipeline-execution-state-change-event ecr-image-push-event ecr-image-scan-event
    ecs-container-instance-state-change
  `,
  "CloudWatch Logs": "cloudwatch-logs-event",
  "a trigger of a Cognito user pool": `
    cognito-event-userpools-create-auth-challenge cognito-event-userpools-custommessage
    cognito-event-userpools-define-auth-challenge cognito-event-userpools-migrateuser
    cognito-event-userpools-verify-auth-challenge cognito-event-userpools-postauthentication
    cognito-event-userpools-postconfirmation cognito-event-userpools-preauthentication
    cognito-event-userpools-presignup cognito-event-userpools-pretokengen cognito-event-userpools-pretokengen-v2
    cognito-event-userpools-pretokengen-v2_0 cognito-event-userpools-inbound-federation-oidc
    cognito-event-userpools-inbound-federation-saml
  `,
  "an event of Cognito Sync": "cognito-event",
  "an authorizer's request of API Gateway": `
    apigw-custom-auth-request apigw-custom-auth-request-type-request apigw-v2-custom-authorizer-v1-request
    apigw-v2-custom-authorizer-v2-request
  `,
  "an event of an API Gateway WebSocket": `
    apigw-websocket-request apigw-websocket-request-disconnect apigw-websocket-request-send-message
  `,
  "an object of no known format": `
    appsync-identity-cognito appsync-identity-iam appsync-lambda-auth-request
    clientvpn-connectionhandler-request codepipeline-job-event config-event connect-event
    kinesis-analytics-output-delivery-event lex-event iot-1-click-event iot-button-event iot-custom-auth-request
    iot-preprovision-hook-request s3-batch-job-event-request-1.0 s3-batch-job-event-request-2.0
    secretsmanager-secret-rotation-event s3-object-lambda-event-get-object-assumed-role
    s3-object-lambda-event-get-object-iam s3-object-lambda-event-head-object-iam
    s3-object-lambda-event-list-objects-iam s3-object-lambda-event-list-objects-v2-iam
    alb-lambda-target-response apigw-response apigw-custom-auth-response appsync-lambda-auth-response
    iot-custom-auth-response iot-preprovision-hook-response kinesis-analytics-output-delivery-response
    kinesis-firehose-response lambda-urls-response lex-response s3-batch-job-event-response
  `,
};

/** What the error calls the event of each file that is not a request. */
export const REFUSALS: ReadonlyMap<string, string> = new Map(
  Object.entries(REFUSED).flatMap(([received, files]) =>
    files
      .trim()
      .split(/\s+/)
      .map((file) => [file, received]),
  ),
);

/** Lambda accepts JSON only: this one never gets to a function. */
export const NOT_JSON = "dynamodb-event-malformed.2";

/** A request of AWS's as it would be for a route of this API: same source, other method, path and body. */
export function aimed(payload: string, format: Format, method: string, path: string, body?: unknown): object {
  const event = JSON.parse(payload);
  const { requestContext, headers, multiValueHeaders } = event;
  // As the caller wrote it, in 1.0.
  const name = format === "1.0" ? "Content-Type" : "content-type";
  const content = {
    body: body === undefined ? null : Buffer.from(JSON.stringify(body)).toString("base64"),
    isBase64Encoded: body !== undefined,
    ...(headers && { headers: { ...headers, [name]: "application/json" } }),
    ...(multiValueHeaders && { multiValueHeaders: { ...multiValueHeaders, [name]: ["application/json"] } }),
  };
  if (format !== "2.0") {
    const pathParameters = format === "1.0" ? { proxy: path.slice(1) } : undefined;
    return {
      ...event,
      httpMethod: method,
      path,
      ...content,
      ...(pathParameters && { resource: "/{proxy+}", pathParameters }),
    };
  }
  // A named stage of an HTTP API is part of the path; a function URL has none.
  const stage = requestContext.stage && "prod";
  const rawPath = stage ? `/${stage}${path}` : path;
  const http = { ...requestContext.http, method, path: rawPath };
  return { ...event, rawPath, ...content, requestContext: { ...requestContext, ...(stage && { stage }), http } };
}
