import { useStatus } from "../shell/events.ts";
import { Empty } from "../shell/parts.tsx";

/** In place of a trace of which nothing is known: why, and what to do. */
export function MissingTrace({ id }: { id: string }) {
  const status = useStatus();
  if (!/^[0-9a-f]{32}$/.test(id)) return <Empty title="Not a trace id">A trace id has 32 hexadecimal digits.</Empty>;
  const telemetry = status === "gone" ? undefined : status?.telemetry;
  switch (telemetry?.kind) {
    case "off":
      return <Empty title="Telemetry is off">Start npm run dev without OTEL_ENABLED=false to see traces.</Empty>;
    case "elsewhere":
      return (
        <Empty title="Traces go elsewhere">
          Telemetry is exported to {telemetry.endpoint}: look there for <code>{id}</code>.
        </Empty>
      );
    case "stack":
      return (
        <Empty title="Jaeger does not have this trace">
          A trace is there two to three seconds after the response, and this page looks again. It may also be older than
          what Jaeger keeps, or left out by the collector's sampling.
        </Empty>
      );
    default:
      return (
        <Empty title="No span of this trace was received">
          Spans arrive shortly after the response: this page shows them when they do. The latest traces are kept; this
          one may have been forgotten, or npm run dev was started since.
        </Empty>
      );
  }
}
