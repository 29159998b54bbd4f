/** What one request may bring. Longer text and lists are cut, everything else is refused. */
export const LIMITS = {
  /** Of a body, as sent and decompressed. The OpenTelemetry Collector takes 20 MiB. */
  bodyBytes: 16 * 2 ** 20,
  /** Of all bodies that are being read. */
  heldBytes: 64 * 2 ** 20,
  /** Lists in lists. */
  depth: 32,
  /** Of a span, an event, a point, a resource; also the values of a list. */
  attributes: 512,
  keyCharacters: 256,
  valueCharacters: 65_536,
  nameCharacters: 1_024,
  /** Of a span. */
  events: 512,
  links: 512,
} as const;
