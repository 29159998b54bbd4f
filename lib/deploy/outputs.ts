/** `node lib/deploy/outputs.ts STAGE >> "$GITHUB_OUTPUT"`: where a stage answers, as outputs of a workflow's step. */
import { runCommand } from "./command.ts";
import { urlsOf } from "./stack.ts";
import { namesOf } from "./stages.ts";

await runCommand("outputs", async ([stage = ""]) => {
  const { url, streamUrl } = await urlsOf(namesOf(stage).stack);
  process.stdout.write(`url=${url}\nstream_url=${streamUrl}\n`);
});
