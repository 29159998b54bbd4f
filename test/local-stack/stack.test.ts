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
    "explains itself when it is asked for %j",
    async (args) => {
      const { code, output } = await npmRunStack(args);
      expect(code).toBeGreaterThan(0);
      expect(output).toMatch(/up takes telemetry, data, or nothing for both|npm run stack up \[telemetry\|data\]/);
    },
  );

  it("refuses to ask senders for a token that is not set", async () => {
    const { code, output } = await npmRunStack(["up", "--native"], {
      COLLECTOR_AUTH: "true",
      COLLECTOR_TOKEN: undefined,
    });
    expect([code, output]).toEqual([
      1,
      "npm run stack: COLLECTOR_AUTH=true needs COLLECTOR_TOKEN, the token that senders have to show",
    ]);
  });

  it("names a variable that holds no port", async () => {
    const { code, output } = await npmRunStack(["status", "--native"], { JAEGER_PORT: "http" });
    expect([code, output]).toEqual([1, "npm run stack: JAEGER_PORT=http is not a port number"]);
  });
});

describe("with Docker", () => {
  /** Stands in for Docker's command line: notes what it is asked, and answers as an engine with two containers. */
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
    return { ...result, asked: readFileSync(notes, "utf8").trim().split("\n") };
  }

  it("starts the profile, waits for it, and says where everything is", async () => {
    const { code, output, asked } = await withDocker(["up", "telemetry"]);
    expect(code).toBe(0);
    expect(asked.find((line) => line.includes(" up "))).toMatch(
      /--project-name=edge-rag --file=\S+local-stack\/compose.yaml --profile=telemetry up --detach --wait/,
    );
    expect(output).toMatch(/^jaeger +ready +http:\/\/127.0.0.1:16686$/m);
    expect(output).toMatch(/^grafana +starting +http:\/\/127.0.0.1:3001$/m);
    expect(output).toMatch(/Ready in [\d.]+ s/);
  });

  it("asks senders for the token when there is one", async () => {
    const { asked } = await withDocker(["up"], { COLLECTOR_TOKEN: "secret" });
    expect(asked.find((line) => line.includes(" up "))).toMatch(/^true\|/);
  });

  it("says what to do when Compose fails", async () => {
    const { code, output } = await withDocker(["up"], { DOCKER_UP: "17" });
    expect(code).toBe(1);
    expect(output).toMatch(/docker compose up failed, see above; npm run stack logs tells more/);
  });

  it("forgets what is stored only when it is told to", async () => {
    const down = async (...args: string[]) =>
      (await withDocker(["down", ...args])).asked.find((line) => / down/.test(line));
    expect(await down()).toMatch(/ down$/);
    expect(await down("--forget")).toMatch(/ down --volumes$/);
  });
});

it("gives each port once, and none that an outgoing connection could take", async () => {
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

  it("outlives the one who started it, is found again by its pid, and ends when it is told to", async () => {
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

  it("that ends at once is reported with its last words", async () => {
    const broken = program('console.error("no such setting"); process.exit(1)', "http://127.0.0.1:9/");
    start(broken, folder);
    await expect(waitUntilReady(broken, folder)).rejects.toThrow(/ended; its last words[\s\S]*no such setting/);
  });

  it("that does not become ready is given up", async () => {
    const silent = program("setInterval(() => {}, 1000)", "tcp://127.0.0.1:9");
    start(silent, folder);
    onTestFinished(() => stop(silent, folder));
    await expect(waitUntilReady(silent, folder, { timeoutMs: 300 })).rejects.toThrow("is not ready after 0.3 s");
  });

  it("is no longer waited for when the wait is interrupted", async () => {
    const silent = program("setInterval(() => {}, 1000)", "tcp://127.0.0.1:9");
    start(silent, folder);
    onTestFinished(() => stop(silent, folder));
    const signal = AbortSignal.abort(new Error("interrupted"));
    await expect(waitUntilReady(silent, folder, { signal })).rejects.toThrow("interrupted");
  });

  it("whose number another process has got is not taken for running", async () => {
    const other = program("setInterval(() => {}, 1000)", "tcp://127.0.0.1:9");
    start(other, folder);
    onTestFinished(() => stop(other, folder));
    await delay(100);
    expect(runningPid({ ...other, command: "/usr/bin/another-program" }, folder)).toBeUndefined();
  });
});

describe("ports", () => {
  it("are those that people know, unless a variable says otherwise", () => {
    expect(publicPort("PROMETHEUS_PORT", {})).toBe(9090);
    expect(publicPort("PROMETHEUS_PORT", { PROMETHEUS_PORT: "19090" })).toBe(19_090);
    for (const value of ["0", "65536", "9.5", "web"]) {
      expect(() => publicPort("PROMETHEUS_PORT", { PROMETHEUS_PORT: value })).toThrow(`PROMETHEUS_PORT=${value}`);
    }
  });
});

describe("programs of the system", () => {
  it("are found on the path, or not", () => {
    expect(findProgram("sh")).toMatch(/\/sh$/);
    expect(findProgram("sh", "/nowhere")).toBeUndefined();
  });

  it("that are missing are named where they may not be installed", () => {
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    onTestFinished(() => {
      process.env.PATH = path;
    });
    expect(() => installPackages(["prometheus"], "The stack")).toThrow(
      "The stack needs prometheus (Debian's names): install them and try again",
    );
  });
});
