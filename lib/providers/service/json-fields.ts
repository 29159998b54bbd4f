/** The field of that name where the value is an object that has one: of what a server answers, no shape is sure. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
