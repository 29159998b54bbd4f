import { expect, test } from "vitest";
import { osls } from "#deploy/stack/osls.ts";

test("a command of osls that does not end is ended, and the message says where to look", async () => {
  await expect(osls(["--version"], 1)).rejects.toThrow(
    '"serverless --version" was killed after 0.001 s. Its last output is above; if there is none, look for a mistake in serverless.yml.',
  );
});

test("a command of osls that fails is an error, and one that does not is none", async () => {
  await expect(osls(["bake"], 30_000)).rejects.toThrow('"serverless bake" failed with exit code 1');
  await osls(["--version"], 30_000);
});
