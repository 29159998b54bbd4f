import { useStatus } from "../../shell/events.ts";
import { Empty } from "../../shell/parts.tsx";

/** In place of an empty list: why it is empty, and what to do. */
export function NoTraces({ isFiltered }: { isFiltered: boolean }) {
  const status = useStatus();
  const telemetry = status === "gone" ? undefined : status?.telemetry;
  if (isFiltered) {
    return (
      <Empty title="No trace matches">
        <a href="#/traces">Show all</a>
      </Empty>
    );
  }
  if (telemetry?.kind === "off") {
    return <Empty title="Telemetry is off">Start npm run dev without OTEL_ENABLED=false to see traces.</Empty>;
  }
  if (telemetry?.kind === "elsewhere") {
    return <Empty title="Traces go elsewhere">Telemetry is exported to {telemetry.endpoint}: look there.</Empty>;
  }
  return (
    <Empty title="No traces yet">
      <a href="#/ask">Ask a question</a>, or send OTLP to {telemetry?.endpoint ?? "the receiver"}.
    </Empty>
  );
}
