import type { Embedder } from "./ports.ts";

type Model = Pick<Embedder, "model" | "dimensions" | "prefixes">;

/**
 * A document's version: `<hash of its content and chunking settings>.<hash of the embedding model>`. In two parts, so that
 * chunks re-embedded with another model get the version that ingesting the same document would give them.
 */
export async function versionOf(content: readonly unknown[], model: Model): Promise<string> {
  return `${await sha256(content)}.${await modelHash(model)}`;
}

/** The version of the same content under another model. A version of any other form is returned unchanged. */
export async function withModel(version: string, model: Model): Promise<string> {
  const [content, before] = version.split(".");
  return before === undefined ? version : `${content}.${await modelHash(model)}`;
}

/** Hex SHA-256 of the value's JSON. */
export async function sha256(value: unknown): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(value)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function modelHash({ model, dimensions, prefixes }: Model): Promise<string> {
  const { passage = "" } = prefixes ?? {};
  return (await sha256([model, dimensions, ...(passage ? [passage] : [])])).slice(0, 16);
}
