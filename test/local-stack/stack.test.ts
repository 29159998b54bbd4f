import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Program, runningPid, start, stop, waitUntilReady } from "../../local-stack/native/processes.ts";
import { findProgram, installPackages } from "../../local-stack/native/tools.ts";
import { freePorts, publicPort } from "../../local-stack/stack/ports.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "edge-rag-stack-unit-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function npmRunStack(args: string[], env: Record<string, string | undefined> = {}) {
  const { promise, resolve } = Promise.withResolvers<{ code: number; output: string }>();
  execFile(
    process.execPath,
    ["local-stack/stack/main.ts", ...args],
    { env: { ...process.env, ...env } },
    (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}`.trim() }),
  );
  return promise;
}

describe("npm run stack", () => {
  it.each([[[]], [["start"]], [["up", "everything"]], [["up", "data", "telemetry"]]])(
    "prints its usage for %j",
    async (args) => {
      const { code, output } = await npmRunStack(args);
      expect(code).toBeGreaterThan(0);
      expect(output).toMatch(/use up telemetry, up data, or up for both|npm run stack up \[telemetry\|data\]/);
    },
  );

  it("fails for COLLECTOR_AUTH without COLLECTOR_TOKEN", async () => {
    const { code, output } = await npmRunStack(["up", "--native"], {
      COLLECTOR_AUTH: "true",
      COLLECTOR_TOKEN: undefined,
    });
    expect([code, output]).toEqual([
      1,
      "npm run stack: COLLECTOR_AUTH=true needs COLLECTOR_TOKEN, the token that clients must send",
    ]);
  });

  it("names a variable that is not a port number", async () => {
    const { code, output } = await npmRunStack(["status", "--native"], { JAEGER_PORT: "http" });
    expect([code, output]).toEqual([1, "npm run stack: JAEGER_PORT=http is not a port number (1 to 65535)"]);
  });
});

describe("npm run stack with Docker", () => {
  /** A stub of Docker's command line: logs its calls, and reports two containers. */
  const DOCKER = `#!/bin/sh
echo "$COLLECTOR_AUTH|$*" >> "$DOCKER_NOTES"
case "$*" in
  *" ps "*) echo '{"Service":"jaeger","State":"running","Health":"healthy"}'
            echo '{"Service":"grafana","State":"running","Health":"starting"}' ;;
  *" up "*) exit \${DOCKER_UP:-0} ;;
esac
`;
  async function withDocker(args: string[], env: Record<string, string> = {}) {
    const bin = mkdtempSync(join(folder, "bin-"));
    const notes = join(bin, "notes");
    writeFileSync(join(bin, "docker"), DOCKER);
    chmodSync(join(bin, "docker"), 0o755);
    const path = `${bin}${delimiter}${process.env.PATH}`;
    const result = await npmRunStack(args, { PATH: path, DOCKER_NOTES: notes, COLLECTOR_TOKEN: undefined, ...env });
    return { ...result, calls: readFileSync(notes, "utf8").trim().split("\n") };
  }

  it("starts the profile, waits until it is ready, and prints the URLs", async () => {
    const { code, output, calls } = await withDocker(["up", "telemetry"]);
    expect(code).toBe(0);
    expect(calls.find((line) => line.includes(" up "))).toMatch(
      /--project-name=edge-rag --file=\S+local-stack\/compose.yaml --profile=telemetry up --detach --wait/,
    );
    expect(output).toMatch(/^jaeger +ready +http:\/\/127.0.0.1:16686$/m);
    expect(output).toMatch(/^grafana +starting +http:\/\/127.0.0.1:3001$/m);
    expect(output).toMatch(/Ready in [\d.]+ s/);
  });

  it("enables authentication when COLLECTOR_TOKEN is set", async () => {
    const { calls } = await withDocker(["up"], { COLLECTOR_TOKEN: "secret" });
    expect(calls.find((line) => line.includes(" up "))).toMatch(/^true\|/);
  });

  it("explains what to do when Compose fails", async () => {
    const { code, output } = await withDocker(["up"], { DOCKER_UP: "17" });
    expect(code).toBe(1);
    expect(output).toMatch(/docker compose up failed, see above and npm run stack logs/);
  });

  it("deletes stored data only with --forget", async () => {
    const down = async (...args: string[]) =>
      (await withDocker(["down", ...args])).calls.find((line) => / down/.test(line));
    expect(await down()).toMatch(/ down$/);
    expect(await down("--forget")).toMatch(/ down --volumes$/);
  });
});

it("returns each free port once, and no ephemeral port", async () => {
  const [taken = 0] = await freePorts(1);
  const server = createServer().listen(taken, "127.0.0.1");
  onTestFinished(() => void server.close());
  const ports = [taken, ...(await freePorts(200)), ...(await freePorts(200))];
  expect(new Set(ports).size).toBe(ports.length);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

describe("a program of the stack", () => {
  function program(script: string, readyUrl: string): Program {
    return { name: `node-${crypto.randomUUID()}`, command: process.execPath, args: ["-e", script], env: {}, readyUrl };
  }
  const server = (port: number) =>
    `process.title = ${JSON.stringify(process.execPath)}; require("node:http").createServer((q, r) => r.end()).listen(${port}, "127.0.0.1")`;

  it("keeps running on its own, is found by its pid, and stops", async () => {
    const [port = 0] = await freePorts(1);
    const web = program(server(port), `http://127.0.0.1:${port}/`);
    start(web, folder);
    onTestFinished(() => stop(web, folder));
    await waitUntilReady(web, folder);
    expect(runningPid(web, folder)).toBeGreaterThan(0);
    await stop(web, folder);
    expect(runningPid(web, folder)).toBeUndefined();
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  it("is reported with its last output when it exits at once", async () => {
    const broken = program('console.error("no such setting"); process.exit(1)', "http://127.0.0.1:9/");
    start(broken, folder);
    await expect(waitUntilReady(broken, folder)).rejects.toThrow(/exited; its last output[\s\S]*no such setting/);
  });

  it("is reported when it does not become ready in time", async () => {
    const silent = program("setInterval(() => {}, 1000)", "tcp://127.0.0.1:9");
    start(silent, folder);
    onTestFinished(() => stop(silent, folder));
    await expect(waitUntilReady(silent, folder, { timeoutMs: 300 })).rejects.toThrow("is not ready after 0.3 s");
  });

  it("stops being waited for when the signal aborts", async () => {
    const silent = program("setInterval(() => {}, 1000)", "tcp://127.0.0.1:9");
    start(silent, folder);
    onTestFinished(() => stop(silent, folder));
    const signal = AbortSignal.abort(new Error("interrupted"));
    await expect(waitUntilReady(silent, folder, { signal })).rejects.toThrow("interrupted");
  });

  it("does not count as running when another process reuses its pid", async () => {
    const other = program("setInterval(() => {}, 1000)", "tcp://127.0.0.1:9");
    start(other, folder);
    onTestFinished(() => stop(other, folder));
    await delay(100);
    expect(runningPid({ ...other, command: "/usr/bin/another-program" }, folder)).toBeUndefined();
  });
});

describe("publicPort", () => {
  it("returns the default port unless the variable is set", () => {
    expect(publicPort("PROMETHEUS_PORT", {})).toBe(9090);
    expect(publicPort("PROMETHEUS_PORT", { PROMETHEUS_PORT: "19090" })).toBe(19_090);
    for (const value of ["0", "65536", "9.5", "web"]) {
      expect(() => publicPort("PROMETHEUS_PORT", { PROMETHEUS_PORT: value })).toThrow(`PROMETHEUS_PORT=${value}`);
    }
  });
});

describe("system programs", () => {
  it("are looked up in PATH", () => {
    expect(findProgram("sh")).toMatch(/\/sh$/);
    expect(findProgram("sh", "/nowhere")).toBeUndefined();
  });

  it("are listed in an error when they cannot be installed", () => {
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    onTestFinished(() => {
      process.env.PATH = path;
    });
    expect(() => installPackages(["prometheus"], "The stack")).toThrow(
      "The stack requires the packages prometheus (Debian names): install them and try again",
    );
  });
});
