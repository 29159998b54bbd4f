import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparePrograms } from "../../../local-stack/native/build.ts";
import { start, stop, waitUntilReady } from "../../../local-stack/native/processes.ts";
import { freePort } from "../../../local-stack/stack/ports.ts";

export interface PrometheusServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the machine's Prometheus with these samples.
 *
 * @param openMetrics samples with their times, as promtool reads them
 * @throws Error when it is not installed, and cannot be
 */
export async function startPrometheus(openMetrics: string): Promise<PrometheusServer> {
  const { prometheus, promtool } = preparePrograms(["prometheus", "promtool"]);
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-console-"));
  const [samples, config, data] = ["samples", "prometheus.yml", "data"].map((name) => join(folder, name)) as [
    ...[string, string, string],
  ];
  writeFileSync(samples, openMetrics);
  writeFileSync(config, "");
  execFileSync(promtool, ["tsdb", "create-blocks-from", "openmetrics", samples, data], { stdio: "pipe" });
  const url = `http://127.0.0.1:${await freePort()}`;
  const program = {
    name: "prometheus",
    command: prometheus,
    args: [
      ...[`--config.file=${config}`, `--storage.tsdb.path=${data}`, "--storage.tsdb.retention.time=100y"],
      `--web.listen-address=${new URL(url).host}`,
    ],
    env: {},
    readyUrl: `${url}/-/ready`,
  };
  start(program, folder);
  await waitUntilReady(program, folder);
  return {
    url,
    async stop() {
      await stop(program, folder);
      rmSync(folder, { recursive: true });
    },
  };
}
