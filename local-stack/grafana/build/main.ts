/** `npm run dashboard`: writes the dashboard. With --check, fails when the committed one is out of date. */
import { readFile, writeFile } from "node:fs/promises";
import { buildDashboard } from "./dashboard.ts";

const FILE = new URL("../dashboards/rag-pipeline.json", import.meta.url);

const built = `${JSON.stringify(buildDashboard(), null, 2)}\n`;
if (process.argv.includes("--check")) {
  const committed = await readFile(FILE, "utf8").catch(() => "");
  if (committed !== built) {
    console.error(
      "local-stack/grafana/dashboards/rag-pipeline.json is out of date.\n" +
        "Edit the code in local-stack/grafana/build, not the JSON, and run: npm run dashboard",
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, built);
}
