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
const keepUsedCommands: Plugin = {
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

/** An asynchronous method of a class, to its closing brace. */
const ASYNC_METHOD = /^ {4}async (\w+)\([\s\S]*?\n {4}\}\n/gm;

/**
 * Takes the methods out of Qdrant's client: the functions use its operations, `api()`, alone. Who calls one gets
 * JavaScript's own "client.upsert is not a function".
 */
const keepQdrantOperations: Plugin = {
  name: "keep-qdrant-operations",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/@qdrant\/js-client-rest\/dist\/browser\/index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const start = source.indexOf("class QdrantClient {");
      const methods = [...source.slice(start).matchAll(ASYNC_METHOD)].map(([, name]) => name);
      if (start < 0 || !methods.includes("upsert") || !methods.includes("facet")) {
        throw new Error(`@qdrant/js-client-rest is written differently: no such class in ${path}`);
      }
      return { contents: source.slice(0, start) + source.slice(start).replace(ASYNC_METHOD, "") };
    });
  },
};

/** The limiter for several regions; an algorithm of one; the Lua of algorithms and of lists of addresses. */
const OTHER_LIMITERS = [
  /^var MultiRegionRatelimit = class [\s\S]*?\n\};\n/m,
  /^ {2}static (?:fixedWindow|tokenBucket|cachedFixedWindow)\([\s\S]*?\n {2}\}\n/gm,
  /(?<=^var (?:fixedWindow\w+|tokenBucket\w+Script|cachedFixedWindow\w+|slidingWindow\w+2|checkDenyListScript) = `)[^`]+/gm,
  /^ {2}MultiRegionRatelimit,\n/m,
];

/**
 * Takes all but the sliding window of one region out of Upstash's limiter. Who asks for another algorithm gets
 * JavaScript's own "Ratelimit.tokenBucket is not a function".
 */
const keepSlidingWindow: Plugin = {
  name: "keep-sliding-window",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/@upstash\/ratelimit\/dist\/index\.mjs$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const other of OTHER_LIMITERS) {
        if (contents.search(other) < 0) {
          throw new Error(`@upstash/ratelimit is written differently: no ${other.source} in ${path}`);
        }
        contents = contents.replace(other, "");
      }
      return { contents };
    });
  },
};

export const keepUsed: readonly Plugin[] = [keepUsedCommands, keepQdrantOperations, keepSlidingWindow];
