import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { keyLockingWhereKnown, type Scripting } from "#providers/upstash/scripts.ts";

const FLAG = "#!lua flags=allow-key-locking\n";
const PLAIN = "return KEYS[1]";
const FLAGGED = FLAG + PLAIN;
const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

/** Runs scripts, and writes down which; `refusal` says why one is refused, if it is. */
function recorder(refusal: (script: string) => string | undefined) {
  const sent: unknown[][] = [];
  const run = (name: string) =>
    (async (script: string, keys: string[], args: unknown[]) => {
      sent.push([name, script, keys, args]);
      const reason = refusal(script);
      if (reason) throw new Error(reason);
      return 1;
    }) as Scripting["eval"];
  return { sent, scripts: keyLockingWhereKnown({ eval: run("eval"), evalsha: run("evalsha") }) };
}

test("a server that knows the flag gets scripts and hashes as they are", async () => {
  const { sent, scripts } = recorder(() => undefined);
  expect(await scripts.eval(FLAGGED, ["k"], ["a"])).toBe(1);
  expect(await scripts.evalsha(sha1(FLAGGED), ["k"], ["a"])).toBe(1);
  expect(sent).toEqual([
    ["eval", FLAGGED, ["k"], ["a"]],
    ["evalsha", sha1(FLAGGED), ["k"], ["a"]],
  ]);
});

test.each([
  "Upstash Redis at localhost answered 400: ERR Unexpected flag in script shebang: allow-key-locking",
  "ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'",
])("a server that refuses it gets them without, and is not asked again: %s", async (reason) => {
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

test("whatever else goes wrong is an error, and nothing is sent again", async () => {
  const { sent, scripts } = recorder(() => "OOM command not allowed when used memory > 'maxmemory'");
  await expect(scripts.eval(FLAGGED, [], [])).rejects.toThrow("OOM");
  await expect(scripts.evalsha(sha1(FLAGGED), [], [])).rejects.toThrow("OOM");
  expect(sent).toHaveLength(2);
});
