import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startServices } from "../../aws/_services.ts";
import { type Fault, KEY, startTarget } from "../smoke/_target.ts";
import { type Checkout, createCheckout, type State } from "./_checkout.ts";
import { runJob } from "./_workflow.ts";

const TESTED = "query-0123456789ab.zip";

/**
 * A stage that answers at the app, a checkout that deploys to it, the services that the functions would call, and the values
 * of the job's expressions.
 *
 * @param zip what `npm run package` leaves
 */
async function release(state: State, { fault, zip = TESTED }: { fault?: Fault; zip?: string } = {}) {
  const services = await startServices();
  onTestFinished(services.close);
  const target = await startTarget({ keys: true, ...(fault && { fault }) });
  const RAG_API_KEYS = `smoke:${createHash("sha256").update(KEY).digest("hex")}`;
  const secret = JSON.stringify({ ...services.secret, RAG_API_KEYS, RAG_SMOKE_KEY: KEY });
  const checkout = createCheckout({
    urls: { api: target.url, stream: target.url },
    secrets: { "edge-rag/staging": secret, "edge-rag/production": secret },
    ...{ deployed: "100", packaged: "200" },
    ...state,
  });
  mkdirSync(join(checkout.folder, ".serverless"));
  writeFileSync(join(checkout.folder, ".serverless", zip), "zip");
  const values = { "toJSON(vars)": JSON.stringify(services.settings), "needs.staging.outputs.zips": TESTED };
  return { checkout, run: (job: "staging" | "production") => runJob(checkout, "deploy.yml", job, values) };
}

test("a deployment that passes its smoke test stays", async () => {
  const { checkout, run } = await release({});
  const { code, log, summary, outputs } = await run("staging");
  expect(code, log).toBe(0);
  expect(outputs).toEqual({ zips: TESTED });
  expect(checkout.calls().filter((call) => call.startsWith("osls"))).toEqual([
    "osls package --stage staging",
    "osls print --format json --stage staging",
    "osls deploy --stage staging --package .serverless",
  ]);
  expect(log).toMatch(/✓ staging can be deployed: \d+ ok, 0 problems, 0 not checked\n/);
  expect(log.replace(`::add-mask::${KEY}`, "")).not.toContain(KEY);
  expect(checkout.state().deployed).toBe("200");
  expect(summary).toContain("staging: released.");
});

test("a deployment that fails its smoke test is rolled back, and the job fails", { timeout: 60_000 }, async () => {
  let checkout: Checkout | undefined;
  const broken: Fault = (_, ask) => (checkout?.state().deployed === "200" ? new Response("", { status: 502 }) : ask());
  const deployment = await release({}, { fault: broken });
  ({ checkout } = deployment);
  const { code, log, summary } = await deployment.run("production");
  expect(code).toBe(1);
  expect(checkout.calls(), log).toContain("osls rollback --stage production --timestamp 100");
  expect(checkout.state().deployed).toBe("100");
  expect(summary).toContain("Rolled back: deployment 100 is running again, and its smoke test passes.");
});

test("production gets exactly the code that was tested on staging", async () => {
  const { checkout, run } = await release({}, { zip: "query-ffffffffffff.zip" });
  const { code, log } = await run("production");
  expect(code).toBe(1);
  expect(log).toContain(`::error::Staging tested ${TESTED}, and this would deploy query-ffffffffffff.zip`);
  expect(checkout.state().deployed).toBe("100");
});

test("a problem that the preflight finds fails the job, and nothing is deployed", async () => {
  const secret = JSON.stringify({ RAG_SMOKE_KEY: KEY, OPENAI_API_KEY: "sk-1" });
  const { checkout, run } = await release({ secrets: { "edge-rag/staging": secret } });
  const { code, log } = await run("staging");
  expect(code).toBe(1);
  expect(log).toMatch(/✗ secret +edge-rag\/staging has no QDRANT_API_KEY, RAG_API_KEYS, UPSTASH_REDIS_REST_TOKEN\n/);
  expect(checkout.calls().some((call) => call.startsWith("osls deploy"))).toBe(false);
});

test("an AWS error is reported, and nothing is tested or rolled back", async () => {
  const { checkout, run } = await release({ refuse: ["osls deploy"] });
  const { code, log } = await run("staging");
  expect(code).toBe(1);
  expect(log).toMatch(/release: "serverless deploy .*" failed with exit code 254/);
  expect(checkout.calls().some((call) => call.startsWith("osls rollback"))).toBe(false);
});

test("a disabled deployment is reported", async () => {
  const { code, summary } = await runJob(createCheckout(), "deploy.yml", "notice", {});
  expect({ code, summary }).toEqual({ code: 0, summary: expect.stringContaining("DEPLOY is not true") });
});
