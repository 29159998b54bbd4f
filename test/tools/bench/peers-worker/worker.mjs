import { instrument } from "@microlabs/otel-cf-workers";
import worker from "../../../../functions/worker.ts";

// A copy, as reading a binding that does not exist throws an error in what it passes on.
const app = { fetch: (request, bindings, context) => worker.fetch(request, { ...bindings }, context) };

export default instrument(app, ({ COLLECTOR }) => ({
  exporter: { url: `${COLLECTOR}/v1/traces` },
  service: { name: "edge-rag" },
}));
