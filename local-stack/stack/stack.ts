export type Profile = "telemetry" | "data" | "all";

/** Where one reaches the services from this machine. */
export interface Urls {
  otlp: string;
  jaeger: string;
  prometheus: string;
}

export interface ServiceStatus {
  name: string;
  /** "ready", or what it is instead. */
  state: string;
  /** Where one reaches it; absent where nobody has to. */
  url?: string;
}

/** The services of compose.yaml, however they are run. */
export interface Stack {
  readonly kind: "docker" | "native";
  readonly urls: Urls;
  /**
   * Starts what does not run yet and waits until all of it is ready. When that fails, what it started is ended again.
   *
   * @param signal ends the wait
   */
  up(profile: Profile, signal?: AbortSignal): Promise<void>;
  /** Ends everything. What is stored stays, unless it is to be forgotten. */
  down(forget?: boolean): Promise<void>;
  stop(service: "collector" | "jaeger" | "prometheus"): Promise<void>;
  start(service: "collector" | "jaeger" | "prometheus"): Promise<void>;
  status(): Promise<ServiceStatus[]>;
  /** Follows the logs on this terminal until it is interrupted. */
  logs(services: readonly string[]): Promise<void>;
}

export interface StackOptions {
  /** Folder for what natively run services keep, and for their logs. */
  folder: string;
  /** Docker Compose's project name. */
  project: string;
  /** Settings of compose.yaml: ports, sampling, limits. */
  settings: Readonly<Record<string, string>>;
}
