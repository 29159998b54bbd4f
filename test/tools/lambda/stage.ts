import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "#deploy/bundle/bundle.ts";
import { Environment, type EnvironmentOptions } from "./environment.ts";
import { FaultyCollector, type Mode } from "./faulty-collector.ts";

/** A line of the table: what was promised, what was measured. */
export interface Row {
  figure: string;
  goal: string;
  measured: string;
  ok: boolean;
  /** Whether it is a time, which a busy machine can miss. */
  timing?: boolean;
}

export interface Scenario {
  name: string;
  run(stage: Stage): Promise<Row[]>;
}

/** Git-ignored, and in the project so that a bundle finds the packages it left outside. */
const BUNDLES = fileURLToPath(new URL("../../../.bundle", import.meta.url));

type Options = Partial<Omit<EnvironmentOptions, "taskRoot">> & { collector?: FaultyCollector };

/** What scenarios share: the bundled functions, a store with documents, and an eye on every environment. */
export class Stage {
  readonly #folder: string;
  readonly #dataDir: string;
  readonly #environments: Environment[] = [];
  readonly #collectors: FaultyCollector[] = [];
  /** What went wrong in an environment, of all scenarios so far. */
  readonly incidents: string[] = [];
  environmentsStarted = 0;

  constructor() {
    mkdirSync(BUNDLES, { recursive: true });
    this.#folder = mkdtempSync(join(BUNDLES, "lambda-"));
    this.#dataDir = mkdtempSync(join(tmpdir(), "edge-rag-lambda-"));
  }

  /** Bundles the functions and fills the store. */
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

  /** A folder for a bundle of one's own. */
  folder(name: string): string {
    return join(this.#folder, name);
  }

  async collector(mode?: Mode): Promise<FaultyCollector> {
    const collector = await FaultyCollector.start(mode);
    this.#collectors.push(collector);
    return collector;
  }

  /** An environment that is ready and frozen; of the query function when nothing else is said. */
  start(options: Options = {}): Promise<Environment> {
    return this.#start(this.#folder, options);
  }

  /** The query function, with a vector search that never ends. */
  startSlow(options: Options = {}): Promise<Environment> {
    return this.#start(this.#slowFolder, options);
  }

  /** Ends every environment and collector of a scenario, and notes what went wrong in them. */
  async clear(scenario: string): Promise<void> {
    for (const environment of this.#environments.splice(0)) {
      const exit = environment.exit ?? (await environment.kill());
      const notes = [...environment.uncaught];
      if (!exit.expected) notes.push(`ended by itself with ${exit.signal ?? exit.code}`, ...environment.stderr);
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
