import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { PUBLIC_PORTS } from "../../local-stack/stack/ports.ts";
import { readComposeFile, runTool, STACK } from "./_tools.ts";

const ROOT = join(STACK, "..");

function yaml<T>(path: string): T {
  return parse(readFileSync(join(STACK, path), "utf8")) as T;
}

/** A service's environment in Compose with these variables set. */
function environmentOf(service: string, settings: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries(readComposeFile(settings).services[service]?.environment ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

describe("compose.yaml", () => {
  const services = () => Object.entries(readComposeFile().services);

  test("pins every image by version", () => {
    for (const [name, { image }] of services())
      expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+\.\d+(-alpine)?$/)]);
  });

  test("uses the versions listed in the documentation", () => {
    const docs = readFileSync(join(STACK, "../docs/OBSERVABILITY.md"), "utf8");
    const table = docs.slice(docs.indexOf("| part | in compose.yaml"), docs.indexOf("`npm run test:stack` proves"));
    for (const [name, { image }] of services()) {
      if (name === "collector-probe" || name === "edge-rag") continue;
      const [, version = "?"] = /:v?([\d.]+)/.exec(image) ?? [];
      expect([name, table.includes(version)]).toEqual([name, true]);
    }
    expect(table).toContain(readFileSync(join(STACK, "native/jaeger/go.mod"), "utf8").match(/jaeger (v1\.\S+)/)?.[1]);
  });

  test("has a health check for every service, for the collector in a separate container, for the app in its image", () => {
    for (const [name, { healthcheck }] of services()) {
      if (name === "collector" || name === "edge-rag") continue;
      expect([name, healthcheck?.test.length]).toEqual([name, expect.any(Number)]);
    }
    expect(readComposeFile().services["collector-probe"]?.healthcheck?.test).toContain("http://collector:13133/");
  });

  test("limits the cores and memory of every service and publishes ports on loopback only", () => {
    for (const [name, { deploy, ports = [] }] of services()) {
      expect([name, deploy.resources.limits]).toEqual([name, { cpus: expect.anything(), memory: expect.anything() }]);
      for (const { host_ip } of ports) expect([name, host_ip]).toEqual([name, "127.0.0.1"]);
    }
  });

  test("assigns every service but the app to telemetry or data, and to all", () => {
    for (const [name, { profiles }] of services()) {
      if (name === "edge-rag") continue;
      expect([name, profiles.filter((profile) => profile !== "app")]).toEqual([
        name,
        [expect.stringMatching(/^(telemetry|data)$/), "all"],
      ]);
    }
  });

  test("has one profile for the app and its telemetry", () => {
    const { services } = readComposeFile();
    const inApp = Object.entries(services).filter(([, { profiles }]) => profiles.includes("app"));
    const inTelemetry = Object.entries(services).filter(([, { profiles }]) => profiles.includes("telemetry"));
    expect(inApp.map(([name]) => name).toSorted()).toEqual(
      [...inTelemetry.map(([name]) => name), "edge-rag"].toSorted(),
    );
    expect(services["edge-rag"]).toMatchObject({
      build: { context: ROOT, dockerfile: "local-stack/app/Dockerfile" },
      depends_on: { "collector-probe": { condition: "service_healthy" } },
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", RAG_PUBLIC: "true" },
      read_only: true,
      stop_grace_period: "30s",
    });
  });

  test("publishes the default ports, each configurable by its variable", () => {
    const published = (env?: Record<string, string>) =>
      Object.values(readComposeFile(env).services).flatMap(({ ports = [] }) =>
        ports.map(({ published }) => Number(published)),
      );
    // In Docker, Redis is reached through its REST proxy; only the native one publishes its port.
    const { REDIS_PORT: _, ...services } = PUBLIC_PORTS;
    const ports = { ...services, EDGE_RAG_PORT: 3000 };
    expect(published().sort()).toEqual(Object.values(ports).sort());
    expect(environmentOf("collector", { COLLECTOR_SLOW_MS: "100" })).toEqual({ COLLECTOR_SLOW_MS: "100" });
    const others = Object.fromEntries(Object.keys(ports).map((name, index) => [name, String(20_000 + index)]));
    expect(published(others).sort()).toEqual(Object.values(others).map(Number).sort());
  });

  test("mounts only existing files, and stores data in named volumes", () => {
    const { services, volumes } = readComposeFile();
    const mounts = Object.values(services).flatMap((service) => service.volumes ?? []);
    for (const { type, source } of mounts) {
      if (type === "bind") expect([source, existsSync(source)]).toEqual([source, true]);
      else expect(Object.keys(volumes)).toContain(source);
    }
    expect(mounts.filter(({ type }) => type === "volume")).toHaveLength(6);
  });
});

describe("the collector's configuration", () => {
  const validate = (env: Record<string, string>, file = "collector.yaml") => {
    try {
      runTool("collector", ["validate", `--config=${join(STACK, file)}`], env);
      return "valid";
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  };

  test.each<[string, Record<string, string>]>([
    ["on a laptop", {}],
    ["in compose.yaml with settings", environmentOf("collector", { COLLECTOR_SAMPLING_PERCENTAGE: "10" })],
    ["with authentication", { COLLECTOR_AUTH: "true", COLLECTOR_TOKEN: "secret" }],
    ["with TLS", { COLLECTOR_TLS: "true", COLLECTOR_TLS_CERT: "/cert.pem", COLLECTOR_TLS_KEY: "/key.pem" }],
    [
      "for a hosted backend",
      {
        COLLECTOR_METRICS_EXPORTERS: "[otlp_http/metrics]",
        COLLECTOR_METRICS_ENDPOINT: "https://otlp.example/otlp",
        COLLECTOR_METRICS_HEADERS: '{authorization: "Basic abc"}',
        COLLECTOR_TRACES_ENDPOINT: "https://otlp.example/otlp",
        COLLECTOR_TRACES_HEADERS: '{authorization: "Basic abc"}',
      },
    ],
  ])("is valid %s", (_where, env) => {
    expect(validate(env)).toBe("valid");
  });

  test.each([
    ["as it is", {}],
    [
      "with authentication and TLS",
      { COLLECTOR_AUTH: "true", COLLECTOR_TLS: "true", COLLECTOR_TLS_CERT: "/cert.pem", COLLECTOR_TLS_KEY: "/key.pem" },
    ],
  ])("in front of several is valid %s", (_where, env) => {
    expect(validate(env, "balancer.yaml")).toBe("valid");
  });

  test("is rejected with TLS but without a certificate", () => {
    expect(validate({ COLLECTOR_TLS: "true" })).toContain("certificate and key");
  });

  test("uses the buckets of the query duration for span metrics", async () => {
    const { createMetrics } = await import("#telemetry/metrics.ts");
    const boundaries = new Map<string, number[] | undefined>();
    const instrument = { add() {}, record() {} };
    const meter = {
      createCounter: () => instrument,
      createHistogram(name: string, options: { advice?: { explicitBucketBoundaries?: number[] } }) {
        boundaries.set(name, options.advice?.explicitBucketBoundaries);
        return instrument;
      },
    };
    createMetrics(meter as unknown as Parameters<typeof createMetrics>[0]);
    const { connectors } = yaml<{ connectors: { span_metrics: { histogram: { explicit: { buckets: string[] } } } } }>(
      "collector.yaml",
    );
    const milliseconds = connectors.span_metrics.histogram.explicit.buckets.map((bucket) =>
      Number.parseInt(bucket, 10),
    );
    expect(milliseconds).toEqual(boundaries.get("rag_query_duration_seconds")?.map((seconds) => seconds * 1_000));
  });
});

test("Jaeger's configuration is valid", () => {
  runTool("jaeger", ["validate", `--config=${join(STACK, "jaeger/config.yaml")}`]);
});

describe("Prometheus", () => {
  const folder = join(STACK, "prometheus");

  interface Rule {
    alert?: string;
    annotations?: { runbook_url: string };
  }
  const alertingRules = () =>
    readdirSync(join(folder, "rules"))
      .flatMap((name) => yaml<{ groups: { rules: Rule[] }[] }>(`prometheus/rules/${name}`).groups)
      .flatMap(({ rules }) => rules)
      .map(({ alert = "", annotations = { runbook_url: "" } }) => ({ alert, annotations }))
      .filter(({ alert }) => alert !== "");

  test("has a valid configuration and valid rules", () => {
    const output = runTool("promtool", ["check", "config", join(folder, "prometheus.yml")]);
    expect(output).toMatch(/rule files found/);
  });

  test("passes its rule tests (promtool test rules)", () => {
    const tests = readdirSync(join(folder, "tests")).map((name) => join(folder, "tests", name));
    const output = runTool("promtool", ["test", "rules", ...tests]);
    expect(output.match(/SUCCESS/g)).toHaveLength(tests.length);
  });

  test("has rule tests in which each alert fires and does not fire", () => {
    const alerts = alertingRules().map(({ alert }) => alert);
    const cases = readdirSync(join(folder, "tests")).flatMap((name) =>
      yaml<{ tests: { alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[] }[] }>(
        `prometheus/tests/${name}`,
      ).tests.flatMap((one) => one.alert_rule_test ?? []),
    );
    const names = (fires: boolean) =>
      new Set(cases.filter((one) => (one.exp_alerts ?? []).length > 0 === fires).map(({ alertname }) => alertname));
    expect([...names(true)].sort()).toEqual([...new Set(alerts)].sort());
    expect([...names(false)].sort()).toEqual([...new Set(alerts)].sort());
  });

  test("links each alert to an existing section of the docs", () => {
    const docs = readFileSync(join(STACK, "../docs/OBSERVABILITY.md"), "utf8");
    const anchors = [...docs.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const { alert, annotations } of alertingRules()) {
      const [page, anchor] = annotations.runbook_url.split("#");
      expect([alert, page]).toEqual([alert, "docs/OBSERVABILITY.md"]);
      expect(anchors, alert).toContain(anchor);
    }
  });

  test("scrapes services of compose.yaml every 15 seconds", () => {
    const config = yaml<{ global: { scrape_interval: string } }>("prometheus/prometheus.yml");
    expect(config.global.scrape_interval).toBe("15s");
    const { services } = readComposeFile();
    const targets = readdirSync(join(folder, "targets")).flatMap((name) =>
      yaml<{ targets: string[] }[]>(`prometheus/targets/${name}`).flatMap((group) => group.targets),
    );
    expect(targets).toContain("collector:8889");
    for (const target of targets) {
      const [host = ""] = target.split(":");
      expect([...Object.keys(services), "localhost"]).toContain(host);
    }
  });
});

describe("Grafana", () => {
  interface DataSource {
    uid: string;
    url: string;
    jsonData: Record<string, unknown>;
  }
  const dataSources = () =>
    yaml<{ datasources: DataSource[] }>("grafana/provisioning/datasources/datasources.yml").datasources;

  test("has data sources at the addresses of the services, from the environment in compose.yaml", () => {
    const { services } = readComposeFile();
    const environment = environmentOf("grafana");
    for (const { url } of dataSources()) {
      const [, variable = ""] = /^\$\{?(\w+)\}?$/.exec(url) ?? [];
      const { hostname, port } = new URL(environment[variable] ?? url);
      const target = services[hostname]?.ports?.find((port) => port.published !== undefined)?.target;
      expect([url, Number(port)]).toEqual([url, target]);
    }
  });

  test("links data sources only to existing data sources", () => {
    const uids = dataSources().map(({ uid }) => uid);
    const named = JSON.stringify(dataSources()).matchAll(/"datasourceUid":"([^"]+)"/g);
    for (const [, uid] of named) expect(uids).toContain(uid);
    expect(uids.sort()).toEqual(["jaeger", "prometheus"]);
  });

  test("loads its dashboards and opens one of them as the home page", () => {
    const { providers } = yaml<{ providers: { options: { path: string } }[] }>(
      "grafana/provisioning/dashboards/dashboards.yml",
    );
    const grafana = readComposeFile().services.grafana;
    const mounts = grafana?.volumes ?? [];
    for (const { options } of providers) expect(mounts.map(({ target }) => target)).toContain(options.path);
    const home = environmentOf("grafana").GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? "";
    const folder = mounts.find(({ type, target }) => type === "bind" && home.startsWith(`${target}/`));
    expect(existsSync(home.replace(folder?.target ?? "", folder?.source ?? ""))).toBe(true);
  });
});
