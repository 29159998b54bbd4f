import { createRequire } from "node:module";
import { installNpmPackages } from "../support/npm-packages.ts";

/** What is used of it: it is installed apart from the project's packages. */
export interface Miniflare {
  ready: Promise<URL>;
  setOptions(options: Readonly<Record<string, unknown>>): Promise<void>;
  getQueueProducer(binding: string): Promise<{ send(body: unknown, options?: { contentType: string }): Promise<void> }>;
  dispose(): Promise<void>;
}

/** Starts workerd; Miniflare's package is installed when it is missing. */
export function createMiniflare(options: Readonly<Record<string, unknown>>): Miniflare {
  installNpmPackages(import.meta.dirname);
  const { Miniflare } = createRequire(import.meta.url)("miniflare") as {
    Miniflare: new (options: Readonly<Record<string, unknown>>) => Miniflare;
  };
  return new Miniflare(options);
}

export function esModule(path: string, contents: string) {
  return { type: "ESModule", path, contents };
}
