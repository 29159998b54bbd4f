import { expect, test } from "vitest";
import { toResult } from "#http/lambda/result.ts";
import { eventOfAlb, eventV1, eventV2 } from "./_events.ts";

const response = () => new Response("{}", { status: 201, headers: { "content-type": "application/json" } });
const common = { statusCode: 201, body: "{}", isBase64Encoded: false };
const headers = { "content-type": "application/json" };

test("a response becomes a result with status, headers and text", async () => {
  for (const event of [undefined, eventV2(), eventV1()]) {
    expect(await toResult(response(), event)).toEqual({ ...common, headers });
  }
});

test("a load balancer gets the reason phrase too, and headers of the kind that it sent", async () => {
  const alb = { ...common, statusDescription: "201 Created" };
  expect(await toResult(response(), eventOfAlb())).toEqual({ ...alb, headers });
  const { headers: _, ...event } = eventOfAlb({ multiValueHeaders: {} });
  const multiValueHeaders = { "content-type": ["application/json"] };
  expect(await toResult(response(), event)).toEqual({ ...alb, multiValueHeaders });
});
