import { expect, it, onTestFinished } from "vitest";
import { scheduleFairly } from "#compose/fair-scheduling.ts";

it("starts one request per turn of the event loop, in order of arrival", async () => {
  const order: string[] = [];
  const tick = () => {
    order.push("turn");
    turn = setImmediate(tick);
  };
  let turn = setImmediate(tick);
  onTestFinished(() => clearImmediate(turn));

  const trace = { traceId: "", traceparent: "", expire() {}, fail() {} };
  const serve = scheduleFairly((_request, _invocation, respond) => respond(trace));
  const ask = (name: string) =>
    serve(new Request("http://localhost/"), { requestId: name, coldStart: false, route: "/" }, async () => {
      order.push(name);
      return new Response();
    });
  await Promise.all(["a", "b", "c"].map(ask));
  expect(order).toEqual(["turn", "a", "turn", "b", "turn", "c"]);
});
