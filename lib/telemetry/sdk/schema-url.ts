/** The semantic conventions that the resource, and the metrics about telemetry itself, follow. */
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.45.0";
