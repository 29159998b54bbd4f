import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "#deploy/bundle/bundle.ts";
import { Environment, type EnvironmentOptions } from "./environment.ts";
import { FaultyCollector, type Mode } from "./faulty-collector.ts";

/** A row of the printed table: goal and measurement. */
export interface Row {
  figure: string;
  goal: string;
  measured: string;
  ok: boolean;
  /** Whether it is a timing, which a busy machine can miss. */
  timing?: boolean;
}

export interface Scenario {
  name: string;
  run(stage: Stage): Promise<Row[]>;
}

/** Git-ignored, and inside the project so that a bundle resolves its external packages. */
const BUNDLES = fileURLToPath(new URL("../../../.bundle", import.meta.url));

type Options = Partial<Omit<EnvironmentOptions, "taskRoot">> & { collector?: FaultyCollector };

/** What scenarios share: bundled functions, a seeded store, and checks of every environment they start. */
export class Stage {
  readonly #folder: string;
  readonly #dataDir: string;
  readonly #environments: Environment[] = [];
  readonly #collectors: FaultyCollector[] = [];
  /** Unexpected exits and uncaught errors in environments of all scenarios so far. */
  readonly incidents: string[] = [];
  environmentsStarted = 0;

  constructor() {
    mkdirSync(BUNDLES, { recursive: true });
    this.#folder = mkdtempSync(join(BUNDLES, "lambda-"));
    this.#dataDir = mkdtempSync(join(tmpdir(), "edge-rag-lambda-"));
  }

  /** Bundles the functions and seeds the store. */
  async prepare(): Promise<void> {
    await bundle(this.#folder);
    await bundle(this.#slowFolder, {
      entries: ["functions/query.ts"],
      embedded: fileURLToPath(new URL("slow-embedded.ts", import.meta.url)),
    });
    execFileSync(process.execPath, [fileURLToPath(new URL("seed.ts", import.meta.url))], {
      env: { PATH: process.env.PATH, RAG_DATA_DIR: this.#dataDir },
    });
  }

  /** A path for a scenario's own bundle or data. */
  folder(name: string): string {
    return join(this.#folder, name);
  }

  async collector(mode?: Mode): Promise<FaultyCollector> {
    const collector = await FaultyCollector.start(mode);
    this.#collectors.push(collector);
    return collector;
  }

  /** Starts an environment, of the query function by default, and waits until it is ready and frozen. */
  start(options: Options = {}): Promise<Environment> {
    return this.#start(this.#folder, options);
  }

  /** Like `start`, for a query function whose vector search never completes. */
  startSlow(options: Options = {}): Promise<Environment> {
    return this.#start(this.#slowFolder, options);
  }

  /** Stops every environment and collector of a scenario and records its incidents. */
  async clear(scenario: string): Promise<void> {
    for (const environment of this.#environments.splice(0)) {
      const exit = environment.exit ?? (await environment.kill());
      const notes = [...environment.uncaught];
      if (!exit.expected) notes.push(`exited unexpectedly with ${exit.signal ?? exit.code}`, ...environment.stderr);
      this.incidents.push(...notes.map((note) => `${scenario}: ${note}`));
    }
    await Promise.all(this.#collectors.splice(0).map((collector) => collector.close()));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async #start(taskRoot: string, { collector, env, ...options }: Options): Promise<Environment> {
    const environment = await Environment.start({
      handler: "query.handler",
      ...options,
      taskRoot,
      env: {
        RAG_EMBEDDED: "true",
        RAG_PUBLIC: "true",
        RAG_DATA_DIR: this.#dataDir,
        ...(collector && { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }),
        ...env,
      },
    });
    this.#environments.push(environment);
    this.environmentsStarted += 1;
    return environment;
  }

  get #slowFolder(): string {
    return this.folder("slow");
  }
}
