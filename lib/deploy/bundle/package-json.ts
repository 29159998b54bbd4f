import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** Of a package.json that a package reads at run time, keeps name and version: X-Ray's client tells its daemon. */
export const shortenPackageJson: Plugin = {
  name: "shorten-package-json",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/.*\/package\.json$/ }, async ({ path }) => {
      const { name, version } = JSON.parse(await readFile(path, "utf8")) as { name?: string; version?: string };
      return { contents: JSON.stringify({ name, version }), loader: "json" };
    });
  },
};
