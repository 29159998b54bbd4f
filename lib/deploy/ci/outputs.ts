/** `node lib/deploy/ci/outputs.ts STAGE >> "$GITHUB_OUTPUT"`: where a stage answers, as outputs of a workflow's step. */

import { urlsOf } from "#deploy/stack/stack.ts";
import { namesOf } from "#deploy/stack/stages.ts";
import { runCommand } from "./command.ts";

await runCommand("outputs", async ([stage = ""]) => {
  const { url, streamUrl } = await urlsOf(namesOf(stage).stack);
  process.stdout.write(`url=${url}\nstream_url=${streamUrl}\n`);
});
