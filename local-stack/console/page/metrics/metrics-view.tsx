import { useRef } from "preact/hooks";
import type { MetricsView as Metrics, Status } from "#console/contract.ts";
import { type Address, addressOf } from "../shell/address.ts";
import { useStatus } from "../shell/events.ts";
import { Empty, ErrorNote } from "../shell/parts.tsx";
import { Graph } from "./graph.tsx";
import { Numbers } from "./numbers.tsx";
import { useMetrics } from "./use-metrics.ts";

const RANGES = [5, 15, 60];

/** What the functions measured in the last minutes. */
export function MetricsView({ address, isShown }: { address: Address; isShown: boolean }) {
  const minutes = useMinutes(address, isShown);
  const status = useStatus();
  const telemetry = status === "gone" ? undefined : status?.telemetry;
  const isReadable = telemetry?.kind === "receiver" || telemetry?.kind === "stack";
  const { view, error } = useMetrics(minutes, isShown && isReadable);
  return (
    <>
      <div class="head">
        <h1>Metrics</h1>
        <nav class="ranges" aria-label="Time shown" hidden={telemetry && !isReadable}>
          {RANGES.map((range) => (
            <a
              key={range}
              href={addressOf(["metrics"], { minutes: String(range) })}
              aria-current={range === minutes ? "true" : undefined}
            >
              {range} min
            </a>
          ))}
        </nav>
        {view?.grafana_url && (
          <a href={view.grafana_url} target="_blank" rel="noreferrer noopener">
            Dashboard in Grafana
          </a>
        )}
      </div>
      {telemetry && !isReadable && <Unreadable telemetry={telemetry} />}
      {error !== undefined && isReadable && <ErrorNote error={error} />}
      {view === undefined && error === undefined && isReadable && <p class="muted">Reading metrics …</p>}
      {view && isReadable && <Panels view={view} minutes={minutes} />}
    </>
  );
}

function Panels({ view, minutes }: { view: Metrics; minutes: number }) {
  const groups = [...new Set(view.graphs.map(({ group }) => group))];
  const queries = view.numbers.find(({ id }) => id === "queries")?.value;
  return (
    <>
      {queries === null && (
        <p class="note">
          No query yet. <a href="#/ask">Ask a question</a>, and see it here a moment later.
        </p>
      )}
      {view.left_out !== undefined && (
        <p class="note warning">
          {view.left_out} data points were not counted: they belong to more series than the console keeps.
        </p>
      )}
      <h2 class="visually-hidden">The last {minutes} minutes</h2>
      <Numbers numbers={view.numbers} when={queries === 0 ? "in this time" : "yet"} />
      {groups.map((group) => (
        <section key={group} class="group" aria-label={group}>
          <h2>{group}</h2>
          <div class="graphs">
            {view.graphs
              .filter((graph) => graph.group === group)
              .map((graph) => (
                <Graph
                  key={graph.id}
                  graph={graph}
                  times={view.times}
                  step={view.step_seconds}
                  when={queries === null ? "yet" : "in this time"}
                />
              ))}
          </div>
        </section>
      ))}
    </>
  );
}

/** Why the console has no metrics, and what to do. */
function Unreadable({ telemetry }: { telemetry: Status["telemetry"] }) {
  if (telemetry.kind === "off") {
    return (
      <Empty title="Telemetry is off">
        <p>
          Start <code>npm run dev</code> without <code>OTEL_ENABLED=false</code> and <code>OTEL_SDK_DISABLED=true</code>
          .
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Metrics are sent elsewhere">
      <p>
        They go to <code>{telemetry.kind === "elsewhere" ? telemetry.endpoint : ""}</code>, which the console cannot
        read. Start <code>npm run dev</code> without <code>OTEL_EXPORTER_OTLP_ENDPOINT</code> and{" "}
        <code>OTEL_METRICS_EXPORTER</code> to see them here.
      </p>
    </Empty>
  );
}

/** The time in the address; the last one while another view is shown. */
function useMinutes({ query }: Address, isShown: boolean): number {
  const kept = useRef(15);
  const asked = Number(query.get("minutes"));
  if (isShown && RANGES.includes(asked)) kept.current = asked;
  return kept.current;
}
