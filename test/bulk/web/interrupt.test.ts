import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import { folderOf } from "../_folder.ts";
import { startService } from "../_service.ts";
import { pageOf, startSite } from "./_site.ts";

it("a crawl that was interrupted with Ctrl-C sends the rest the next time, and no page twice", {
  timeout: 60_000,
}, async () => {
  const service = await startService();
  const site = await startSite();
  // Each with a text for a request of its own.
  for (let index = 0; index < 30; index++) {
    site.pages[`/${index || ""}`] = pageOf(`Page ${index}`, [`${index + 1}`]).replace(
      "About",
      "ants walk ".repeat(6_000),
    );
  }
  site.pages["/30"] = pageOf("The last");
  const env = { ...process.env, RAG_DATA_DIR: folderOf({}) };
  const args = ["lib/bulk/main.ts", site.url, "--url", service.url, "--allow-private", "--delay", "0.05"];
  const run = () => {
    const child = spawn(process.execPath, args, { env });
    onTestFinished(() => void child.kill("SIGKILL"));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    return { child, ended: once(child, "close").then(([code]) => ({ code, output })) };
  };

  const first = run();
  await expect.poll(() => service.stored.size, { timeout: 20_000 }).toBeGreaterThan(3);
  first.child.kill("SIGINT");
  const { code, output } = await first.ended;
  expect(code).toBe(130);
  expect(output).toMatch(/files are left\. Run the same command again: it resumes where it stopped\./);
  const sent = service.stored.size;
  expect(sent).toBeLessThan(31);

  const second = await run().ended;
  expect(second).toEqual({ code: 0, output: expect.stringContaining(`${31 - sent} created, 0 failed.`) });
  expect(second.output).toContain(`${sent} were accepted before the last run was interrupted.`);
  expect(service.requests.flat()).toHaveLength(31);
});
