import type { Telemetry } from "#telemetry/index.ts";
import type { Clients } from "./ports.ts";
import { composeShadowPorts, type ShadowSource } from "./shadow-ports.ts";

interface Shadowed {
  shadow?: ShadowSource;
  telemetry: Telemetry;
  clients(): Promise<Clients>;
  tenants: ReadonlySet<string>;
}

/**
 * Has a share of the questions answered again by another configuration after their responses, if one is configured and
 * telemetry is on.
 */
export async function shadowAnswers({ shadow, telemetry, clients, tenants }: Shadowed): Promise<void> {
  const opened = shadow && (await clients());
  if (!(shadow && opened?.shadow)) return;
  const { createRunShadow, ShadowRuns } = await import("./after-responses.ts");
  const ports = composeShadowPorts({ ...opened, shadow: opened.shadow }, tenants.size > 0, shadow.onFailure);
  const load = async () => createRunShadow(ports, shadow, (await import("./evaluate-answer.ts")).evaluateAnswer);
  telemetry.shadowAnswers((meter, tracer) => new ShadowRuns(meter, tracer, shadow, load));
}
