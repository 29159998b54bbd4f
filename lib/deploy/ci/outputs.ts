/** `node lib/deploy/ci/outputs.ts STAGE >> "$GITHUB_OUTPUT"`: the URLs of a stage, as outputs of a workflow step. */

import { urlsOf } from "#deploy/release/stack.ts";
import { namesOf } from "#deploy/stack/stages.ts";
import { runCommand } from "./command.ts";

await runCommand("outputs", async ([stage = ""]) => {
  const { url, streamUrl } = await urlsOf(namesOf(stage).stack);
  process.stdout.write(`url=${url}\nstream_url=${streamUrl}\n`);
});
