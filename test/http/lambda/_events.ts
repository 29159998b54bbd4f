import type { HttpEvent } from "#http/lambda/event.ts";

/** An event of an HTTP API or a function URL, payload format 2.0. */
export function eventV2(fields: object = {}): HttpEvent {
  const defaults = {
    ...{ version: "2.0", routeKey: "$default", rawPath: "/query", rawQueryString: "", headers: {} },
    isBase64Encoded: false,
    requestContext: { domainName: "api.example", http: { method: "POST" }, stage: "$default" },
  };
  return { ...defaults, ...fields };
}

/** An event of a REST API, payload format 1.0. An HTTP API's has a version too. */
export function eventV1(fields: object = {}): HttpEvent {
  const defaults = {
    ...{ resource: "/query", path: "/query", httpMethod: "POST", headers: {}, multiValueHeaders: {} },
    ...{ queryStringParameters: null, multiValueQueryStringParameters: null, pathParameters: null, body: null },
    isBase64Encoded: false,
    requestContext: { resourcePath: "/query", stage: "prod", path: "/prod/query", domainName: "api.example" },
  };
  return { ...defaults, ...fields };
}

/** An event of an Application Load Balancer. */
export function eventOfAlb(fields: object = {}): HttpEvent {
  const requestContext = { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/b" } };
  const defaults = { httpMethod: "POST", path: "/query", headers: {}, body: "", isBase64Encoded: false };
  return { requestContext, ...defaults, ...fields };
}
