/**
 * Whether a request asks for server-sent events: `accept` names `text/event-stream`, does not refuse it (`q=0`), and does
 * not prefer `application/json`. A range with a wildcard asks for nothing in particular. RFC 9110, section 12.5.1.
 */
export function prefersEvents(accept = ""): boolean {
  const weights = new Map<string, number>();
  for (const range of accept.toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    weights.set(type, Math.max(weights.get(type) ?? 0, weightOf(parameters)));
  }
  const events = weights.get("text/event-stream") ?? 0;
  return events > 0 && events >= (weights.get("application/json") ?? 0);
}

/** From 0 to 1; 1 when it is absent, 0 when it is not a number. */
function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter));
  return weight === undefined ? 1 : Number(weight.slice(weight.indexOf("=") + 1).trim() || Number.NaN) || 0;
}
