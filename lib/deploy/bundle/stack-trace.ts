/**
 * `npm run stack-trace -- [FOLDER] < LOG`: replaces each position in a bundle, such as `/var/task/functions/query.mjs:1:2345`,
 * by that in the source, and leaves all else as it is. FOLDER has the source maps of the zip that runs:
 * `.source-maps/query-93623d58e412`. By default all of `.source-maps`, where a file may be of several builds.
 */
import { readdirSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { runCommand } from "#deploy/ci/command.ts";

const POSITION = /(?:file:\/\/)?[^\s()"',]*\/([\w-]+\.mjs):(\d+):(\d+)/g;

/** @param mapOf the source map of a bundled file, by its name; `undefined` when there is none */
export function readable(trace: string, mapOf: (file: string) => SourceMap | undefined): string {
  return trace.replace(POSITION, (position, file: string, line: string, column: string) => {
    const origin = mapOf(file)?.findOrigin(Number(line), Number(column));
    if (!origin || !("fileName" in origin)) return position;
    return `${origin.fileName.replace(/^(?:\.\.\/)+/, "")}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

/**
 * Finds source maps in a folder and those in it. Chunks have a hash in their names, entry files do not.
 *
 * @throws Error when there are different maps for one file
 */
export function mapsIn(folder: string): (file: string) => SourceMap | undefined {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".map"));
  return (file) => {
    const found = paths.filter((path) => basename(path) === `${file}.map`);
    const [content, ...others] = new Set(found.map((path) => readFileSync(join(folder, path), "utf8")));
    if (others.length > 0) {
      const builds = found.map((path) => join(folder, path, "..")).join(", ");
      throw new Error(`${file} is in several builds: say which of ${builds} has the name of the zip that runs`);
    }
    return content === undefined ? undefined : new SourceMap(JSON.parse(content));
  };
}

if (import.meta.main) {
  await runCommand("stack-trace", async ([folder = ".source-maps"]) => {
    process.stdout.write(readable(await text(process.stdin), mapsIn(folder)));
  });
}
