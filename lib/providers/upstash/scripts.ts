import { createHash } from "node:crypto";
import type { Redis } from "@upstash/redis";

/** The commands that run Lua scripts. */
export type Scripting = Pick<Redis, "eval" | "evalsha">;

/** Only Upstash's own servers support it: https://upstash.com/docs/redis/features/key-locking */
const KEY_LOCKING = /^#!lua flags=allow-key-locking\n/;

/**
 * Runs scripts whose flag lets Upstash lock only their keys instead of the whole database. Redis behind
 * https://github.com/hiett/serverless-redis-http rejects the flag (its issue 40): the script is then sent without it,
 * and its hash replaces the original one in later calls, so that a script takes one round trip there too.
 */
export function withKeyLockingFallback(redis: Scripting): Scripting {
  /** For scripts whose flag was rejected: hash with the flag → hash without it. */
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
        if (!isFlagRejected(error)) throw error;
        plainHashes.set(hash, sha1(plain));
        return redis.eval(plain, keys, args);
      }
    },
  };
}

/** "ERR Unexpected flag in script shebang: allow-key-locking" since Redis 7; before that "#" is a Lua syntax error. */
function isFlagRejected(error: unknown): boolean {
  return error instanceof Error && /script shebang|near '#'/.test(error.message);
}

function sha1(script: string): string {
  return createHash("sha1").update(script).digest("hex");
}
