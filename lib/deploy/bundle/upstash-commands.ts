import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** Commands that the project and the rate limiter send. */
const COMMANDS = ["Eval", "Evalsha", "Get", "MGet", "Ping", "Set"];
/** Properties of the client that are used, in small letters. */
const USED = new Set([...COMMANDS.map((command) => command.toLowerCase()), "pipeline", "exec"]);

/** A command of `Redis` or `Pipeline`, or of JSON: a property on one line that makes an object of the command's class. */
const PROPERTY = /^ +(\w+)(?: =|:) \(.*\) => .*\bnew \w+Command\(.*[;,)]$/gm;
const CLASS =
  /^var ((?!Command |Pipeline |Redis |Http|Upstash)\w+) = class extends (?:Command|EventTarget) \{.*?^\};$/gms;

/**
 * Omits the commands of Upstash's client that nothing sends, most of its code: their properties, and what of the others is
 * only referenced throws.
 */
export const omitUpstashCommands: Plugin = {
  name: "omit-upstash-commands",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/@upstash\/redis\/chunk-\w+\.mjs$/ }, async ({ path }) => {
      const code = (await readFile(path, "utf8"))
        .replace(PROPERTY, (property, name: string) => (USED.has(name) ? property : ""))
        .replace(CLASS, (declaration, name: string) =>
          COMMANDS.some((command) => name === `${command}Command`)
            ? declaration
            : `const ${name} = /* @__PURE__ */ stub("${name}", "@upstash/redis");`,
        );
      return { contents: `import { stub } from "stub";\n${code}` };
    });
  },
};
