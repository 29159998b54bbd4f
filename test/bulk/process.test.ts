import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { endlessPdf } from "./_bad-pdf.ts";
import { folderOf } from "./_folder.ts";
import { type Service, startService } from "./_service.ts";

const FILES = Object.fromEntries(
  Array.from({ length: 60 }, (_, index) => [`${index}.md`, `# ${index}\n${"ants walk ".repeat(3_000)}`]),
);

interface Ended {
  code: number | null;
  output: string;
}

function start(args: readonly string[], env: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ["lib/bulk/main.ts", ...args], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  return { child, ended: once(child, "close").then(([code]) => ({ code, output })) };
}

async function slowWorld(): Promise<{
  service: Service;
  args: string[];
  env: { INIT_CWD: string; RAG_DATA_DIR: string };
}> {
  const service = await startService(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return undefined;
  });
  const env = { INIT_CWD: folderOf(FILES), RAG_DATA_DIR: folderOf({}) };
  return { service, args: [".", "--url", service.url, "--concurrency", "2"], env };
}

describe("the command, run as a process", () => {
  it("finishes the requests in flight after Ctrl-C, reports, and resumes the next time", {
    timeout: 60_000,
  }, async () => {
    const { service, args, env } = await slowWorld();
    const { child, ended } = start(args, env);
    await expect.poll(() => service.requests.length, { timeout: 20_000 }).toBeGreaterThan(3);
    child.kill("SIGINT");
    // As a terminal and npm together send it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const { code, output } = await ended;
    expect(code).toBe(130);
    const [, created] = /(\d+) created, 0 failed\./.exec(output) ?? [];
    expect(Number(created)).toBe(service.stored.size);
    expect(output).toContain(`${60 - Number(created)} files are left.`);
    const second = await start(args, env).ended;
    expect(second).toEqual({ code: 0, output: expect.stringContaining(`${60 - Number(created)} created`) });
    expect(service.requests.flat().toSorted()).toEqual(Object.keys(FILES).toSorted());
  });

  it("aborts the requests in flight after a second Ctrl-C", { timeout: 60_000 }, async () => {
    const { service, args, env } = await slowWorld();
    service.script = () => new Promise(() => {});
    const { child, ended } = start(args, env);
    await expect.poll(() => service.requests.length, { timeout: 20_000 }).toBe(2);
    child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 600));
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 130, output: expect.stringContaining("60 files are left.") });
  });

  it("sends only the requests in flight again after it was killed", { timeout: 60_000 }, async () => {
    const { service, args, env } = await slowWorld();
    const { child, ended } = start(args, env);
    await expect.poll(() => service.requests.length, { timeout: 20_000 }).toBeGreaterThan(4);
    child.kill("SIGKILL");
    await ended;
    expect(await start(args, env).ended).toMatchObject({ code: 0, output: expect.stringContaining("0 failed.") });
    const sent = service.requests.flat();
    expect(new Set(sent).size).toBe(60);
    // Two requests of three documents each.
    expect(sent.length - 60).toBeLessThanOrEqual(6);
  });

  it("ends at once at Ctrl-C while a parser is busy, and resumes the next time", { timeout: 60_000 }, async () => {
    const { service, args, env } = await slowWorld();
    // Between the other files, which make requests before and would after.
    writeFileSync(join(env.INIT_CWD, "4.pdf"), endlessPdf());
    const { child, ended } = start([...args, "--read-seconds", "3000"], env);
    await expect.poll(() => service.stored.size, { timeout: 20_000 }).toBeGreaterThan(30);
    const before = service.stored.size;
    await expect.poll(() => service.requests.flat().length === service.stored.size, { timeout: 20_000 }).toBe(true);
    child.kill("SIGINT");
    const { code, output } = await ended;
    expect(code).toBe(130);
    const [, created] = /(\d+) created, 0 failed\./.exec(output) ?? [];
    expect(Number(created)).toBeGreaterThanOrEqual(before);
    expect(output).toContain(`${61 - Number(created)} files are left.`);
    rmSync(join(env.INIT_CWD, "4.pdf"));
    const second = await start(args, env).ended;
    expect(second).toEqual({ code: 0, output: expect.stringContaining(`${60 - Number(created)} created`) });
  });

  it("reports an error in one line, with the usage", async () => {
    const env = { INIT_CWD: folderOf({}), RAG_DATA_DIR: "" };
    const wrong = await start(["--topic", "x", "a"], env).ended;
    expect(wrong).toEqual({
      code: 1,
      output: expect.stringMatching(/^npm run ingest: --topic takes.*\nnpm run ingest -- PATH/),
    });
    const absent = await start(["a"], env).ended;
    expect(absent.output.trim().split("\n")).toEqual([expect.stringMatching(/^npm run ingest: a does not exist in /)]);
  });
});
