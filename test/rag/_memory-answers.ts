import type { AnswerCache, CachedAnswer } from "#rag/ports.ts";

/** An answer cache in memory. */
export function memoryAnswers(): AnswerCache {
  const entries = new Map<string, { version: string; answer: CachedAnswer }>();
  const versions = new Map<string | undefined, string>();
  let changes = 0;
  return {
    async get(key, { tenant } = {}) {
      const version = versions.get(tenant) ?? "0";
      if (version === "changing") return {};
      const entry = entries.get(key);
      return { version, ...(entry?.version === version && { answer: structuredClone(entry.answer) }) };
    },
    async set(key, answer, version) {
      entries.set(key, { version, answer: structuredClone(answer) });
    },
    async changing({ tenant } = {}) {
      versions.set(tenant, "changing");
    },
    async changed({ tenant } = {}) {
      changes += 1;
      versions.set(tenant, `${changes}`);
    },
  };
}
