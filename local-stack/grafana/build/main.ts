/** Writes the dashboard. With --check it writes nothing and fails when the committed one is another. */
import { readFile, writeFile } from "node:fs/promises";
import { buildDashboard } from "./dashboard.ts";

const FILE = new URL("../dashboards/rag-pipeline.json", import.meta.url);

const built = `${JSON.stringify(buildDashboard(), null, 2)}\n`;
if (process.argv.includes("--check")) {
  const committed = await readFile(FILE, "utf8").catch(() => "");
  if (committed !== built) {
    console.error(
      "local-stack/grafana/dashboards/rag-pipeline.json is not what its code makes.\n" +
        "Change the code, not the JSON, and run: node local-stack/grafana/build/main.ts",
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, built);
}
