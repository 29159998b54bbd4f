import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** The commands of Redis that the project, its health check and the rate limiter send. */
export const USED = new Set(["eval", "evalsha", "get", "mget", "ping", "set"]);

/** A method of the client or of its pipeline that sends a command, on a line of its own. */
const COMMAND = /^ {2}(\w+) = \(.*\) => (?:this\.chain\()?new \w+Command\(.*\);$/gm;

/** There are 350, of the client and of its pipeline. */
const MIN_OMITTED = 300;

/**
 * Leaves out Upstash's methods for the 176 commands that nothing here sends: 7 KB of each zip file. Lines stay where they
 * are, for stack traces.
 */
export const omitUnusedCommands: Plugin = {
  name: "omit-unused-commands",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/@upstash\/redis\/chunk-\w+\.mjs$/ }, async ({ path }) => ({
      contents: withoutUnusedCommands(await readFile(path, "utf8")),
    }));
  },
};

/**
 * The source of the client without the methods of unused commands.
 *
 * @throws Error when it lacks a method that is used, or few are found: another version may write them in another way
 */
export function withoutUnusedCommands(source: string): string {
  const kept = new Set<string>();
  let omitted = 0;
  const rest = source.replace(COMMAND, (line, name: string) => {
    if (USED.has(name)) {
      kept.add(name);
      return line;
    }
    omitted += 1;
    return "";
  });
  if (kept.size < USED.size || omitted < MIN_OMITTED) {
    const found = `${omitted} unused commands and ${[...kept].join(", ")}`;
    throw new Error(`@upstash/redis: found ${found}: adapt COMMAND in lib/deploy/bundle/upstash-commands.ts`);
  }
  return rest;
}
