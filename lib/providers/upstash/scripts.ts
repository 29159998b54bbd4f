import { createHash } from "node:crypto";
import type { Redis } from "@upstash/redis";

/** What runs scripts. */
export type Scripting = Pick<Redis, "eval" | "evalsha">;

/** Only Upstash's own servers know it: https://upstash.com/docs/redis/features/key-locking */
const KEY_LOCKING = /^#!lua flags=allow-key-locking\n/;

/**
 * Runs scripts that let Upstash lock their keys instead of the whole database. Redis behind
 * https://github.com/hiett/serverless-redis-http refuses that flag (its issue 40): it then gets the script without, and
 * from then on is asked for that one by its hash, so that a script takes one round trip there too.
 */
export function keyLockingWhereKnown(redis: Scripting): Scripting {
  /** Of scripts whose flag was refused: hash with the flag → hash without. */
  const plainHashes = new Map<string, string>();

  return {
    evalsha: (hash, keys, args) => redis.evalsha(plainHashes.get(hash) ?? hash, keys, args),
    async eval(script, keys, args) {
      const hash = sha1(script);
      const plain = script.replace(KEY_LOCKING, "");
      if (plainHashes.has(hash)) return redis.eval(plain, keys, args);
      try {
        return await redis.eval(script, keys, args);
      } catch (error) {
        if (!refusesFlag(error)) throw error;
        plainHashes.set(hash, sha1(plain));
        return redis.eval(plain, keys, args);
      }
    },
  };
}

/** "ERR Unexpected flag in script shebang: allow-key-locking" since Redis 7; before it, "#" is a mistake in Lua. */
function refusesFlag(error: unknown): boolean {
  return error instanceof Error && /script shebang|near '#'/.test(error.message);
}

function sha1(script: string): string {
  return createHash("sha1").update(script).digest("hex");
}
