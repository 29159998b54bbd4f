export type Profile = "telemetry" | "data" | "all";

/** URLs of the services on this machine. */
export interface Urls {
  otlp: string;
  jaeger: string;
  prometheus: string;
}

export interface ServiceStatus {
  name: string;
  /** "ready" or another state. */
  state: string;
  /** Absent for internal services. */
  url?: string;
}

/** The services of compose.yaml, in Docker or native. */
export interface Stack {
  readonly kind: "docker" | "native";
  readonly urls: Urls;
  /**
   * Starts the services that are not running and waits until all are ready. On failure, stops those it started.
   *
   * @param signal Cancels the wait.
   */
  up(profile: Profile, signal?: AbortSignal): Promise<void>;
  /** Stops everything; deletes stored data only if `deleteData` is set. */
  down(deleteData?: boolean): Promise<void>;
  stop(service: "collector" | "jaeger" | "prometheus"): Promise<void>;
  start(service: "collector" | "jaeger" | "prometheus"): Promise<void>;
  status(): Promise<ServiceStatus[]>;
  /** Follows the logs in this terminal until interrupted. */
  logs(services: readonly string[]): Promise<void>;
}

export interface StackOptions {
  /** Folder for data and logs of native services. */
  folder: string;
  /** Docker Compose's project name. */
  project: string;
  /** Variables of compose.yaml: ports, sampling, limits. */
  settings: Readonly<Record<string, string>>;
}
