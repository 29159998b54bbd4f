import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** Commands that Upstash's client keeps: what this project asks for, and what `@upstash/ratelimit` does. */
const KEPT = new Set(
  "del eval evalRo evalsha evalshaRo exists expire get incr mget pexpire ping scriptLoad set smembers ttl".split(" "),
);
/** A property of a class, to the end of its last line. */
const MEMBER = /^ {2}(?:get )?(\w+)(?: =|\(\) \{)(?:.*\n(?! {2}(?:\w|\/\*)|\};))*.*\n/gm;
const COMMAND = /\bnew (?:\w+Command|XAutoClaim|Subscriber)\(/;
/** Groups of commands. */
const GROUPS = new Set(["json", "functions", "search", "vector"]);

/**
 * Takes the methods of other commands, 200 of them in 80 KB, out of the client's two classes. Who calls one gets
 * JavaScript's own "redis.zadd is not a function".
 */
export const keepUsedCommands: Plugin = {
  name: "keep-used-commands",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/@upstash\/redis\/chunk-\w+\.mjs$/ }, async ({ path }) => {
      const seen = new Set<string>();
      const contents = (await readFile(path, "utf8")).replace(MEMBER, (member: string, name: string) => {
        seen.add(name);
        const isCommand = GROUPS.has(name) || COMMAND.test(member);
        return isCommand && !KEPT.has(name) ? "" : member;
      });
      const missing = [...KEPT, ...GROUPS].filter((name) => !seen.has(name));
      if (missing.length > 0)
        throw new Error(`@upstash/redis is written differently: no ${missing.join(", ")} in ${path}`);
      return { contents };
    });
  },
};
