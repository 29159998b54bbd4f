import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type Scripting, withKeyLockingFallback } from "#providers/upstash/scripts.ts";

const FLAG = "#!lua flags=allow-key-locking\n";
const PLAIN = "return KEYS[1]";
const FLAGGED = FLAG + PLAIN;
const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

/** Records the scripts that are run; `rejection` returns the error message for one that is rejected. */
function recorder(rejection: (script: string) => string | undefined) {
  const sent: unknown[][] = [];
  const run = (name: string) =>
    (async (script: string, keys: string[], args: unknown[]) => {
      sent.push([name, script, keys, args]);
      const message = rejection(script);
      if (message) throw new Error(message);
      return 1;
    }) as Scripting["eval"];
  return { sent, scripts: withKeyLockingFallback({ eval: run("eval"), evalsha: run("evalsha") }) };
}

test("sends scripts and hashes unchanged to a server that supports the flag", async () => {
  const { sent, scripts } = recorder(() => undefined);
  expect(await scripts.eval(FLAGGED, ["k"], ["a"])).toBe(1);
  expect(await scripts.evalsha(sha1(FLAGGED), ["k"], ["a"])).toBe(1);
  expect(sent).toEqual([
    ["eval", FLAGGED, ["k"], ["a"]],
    ["evalsha", sha1(FLAGGED), ["k"], ["a"]],
  ]);
});

test.each([
  "Upstash Redis at localhost responded with 400: ERR Unexpected flag in script shebang: allow-key-locking",
  "ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'",
])("sends scripts without the flag to a server that rejects it, without trying the flag again: %s", async (reason) => {
  const { sent, scripts } = recorder((script) => (script.startsWith(FLAG) ? reason : undefined));
  expect(await scripts.eval(FLAGGED, ["k"], ["a"])).toBe(1);
  await scripts.evalsha(sha1(FLAGGED), ["k"], ["a"]);
  await scripts.eval(FLAGGED, ["k"], ["a"]);
  expect(sent).toEqual([
    ["eval", FLAGGED, ["k"], ["a"]],
    ["eval", PLAIN, ["k"], ["a"]],
    ["evalsha", sha1(PLAIN), ["k"], ["a"]],
    ["eval", PLAIN, ["k"], ["a"]],
  ]);
});

test("throws any other error without a retry", async () => {
  const { sent, scripts } = recorder(() => "OOM command not allowed when used memory > 'maxmemory'");
  await expect(scripts.eval(FLAGGED, [], [])).rejects.toThrow("OOM");
  await expect(scripts.evalsha(sha1(FLAGGED), [], [])).rejects.toThrow("OOM");
  expect(sent).toHaveLength(2);
});
