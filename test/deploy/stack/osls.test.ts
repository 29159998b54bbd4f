import { expect, test } from "vitest";
import { osls } from "#deploy/stack/osls.ts";

test("a command of osls that hangs is killed, and the error says where to look", async () => {
  await expect(osls(["--version"], 1)).rejects.toThrow(
    '"serverless --version" was killed after 0.001 s. Its last output is above; if there is none, look for a mistake in serverless.yml.',
  );
});

test("a command of osls that fails throws, and one that succeeds does not", async () => {
  await expect(osls(["bake"], 30_000)).rejects.toThrow('"serverless bake" failed with exit code 1');
  await osls(["--version"], 30_000);
});
