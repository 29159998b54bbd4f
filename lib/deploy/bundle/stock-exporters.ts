import type { Plugin } from "esbuild";

const WARNING =
  "RAG_OTLP_EXPORTER=opentelemetry is not in effect: the package was built without OpenTelemetry's exporters. " +
  "Set it while packaging: RAG_OTLP_EXPORTER=opentelemetry npm run package. Until then, the built-in exporter is used.";

const SUBSTITUTE = `
process.emitWarning(${JSON.stringify(WARNING)});
export { otlpMetricTransport as stockMetricTransport, otlpSpanTransport as stockSpanTransport } from "./otlp-transport.ts";
`;

/** Omits OpenTelemetry's own exporters: a function set to use them warns once and uses the built-in ones. */
export const omitStockExporters: Plugin = {
  name: "omit-stock-exporters",
  setup({ onLoad }) {
    const filter = /\/lib\/telemetry\/export\/stock-transports\.ts$/;
    onLoad({ filter }, () => ({ contents: SUBSTITUTE, loader: "ts" }));
  },
};
