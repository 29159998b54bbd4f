/** The subset of JSON Schema that zod generates for this API. */
export interface Schema {
  type?: string | readonly string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  anyOf?: readonly Schema[];
  enum?: readonly string[];
  const?: string;
  default?: unknown;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
}

export interface Field {
  /** Path from the root of the body: "documents[].id". */
  path: string;
  required: boolean;
  type: string;
  limits: string;
  description: string | undefined;
}

/** All fields of an object; nested fields follow their parent. */
export function fieldsOf(schema: Schema, prefix = ""): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const inner = field.anyOf?.find((kind) => kind.properties ?? kind.items?.properties) ?? field;
    const below = inner.items?.properties ? fieldsOf(inner.items, `${path}[].`) : fieldsOf(inner, `${path}.`);
    const required = schema.required?.includes(name) ?? false;
    return [{ path, required, type: typeOf(field), limits: limitsOf(field), description: field.description }, ...below];
  });
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.anyOf) {
    const kinds = schema.anyOf.flatMap((kind) => (kind.anyOf ? kind.anyOf : [kind])).map(typeOf);
    return kinds.join(", ");
  }
  if (schema.type === "array") return `list of ${pluralOf(schema.items ?? {})}`;
  if (schema.type === "object" && !schema.properties && typeof schema.additionalProperties === "object") {
    return `object of ${pluralOf(schema.additionalProperties)}`;
  }
  return [schema.type ?? "any"].flat().join(", ");
}

function pluralOf(schema: Schema): string {
  if (!schema.anyOf) return `${typeOf(schema)}s`;
  const kinds = schema.anyOf.flatMap((kind) => (kind.anyOf ? kind.anyOf : [kind]));
  return kinds.map((kind) => (kind.type === "array" ? "lists of them" : `${kind.type}s`)).join(", ");
}

function limitsOf(schema: Schema): string {
  const { minLength, maxLength, minItems, maxItems, maxProperties, format } = schema;
  return [
    range(minLength, maxLength, "characters"),
    range(schema.minimum, schema.maximum, ""),
    range(minItems, maxItems, "entries"),
    range(undefined, maxProperties, "keys"),
    schema.propertyNames &&
      `keys of ${range(schema.propertyNames.minLength, schema.propertyNames.maxLength, "characters")}`,
    ...valueLimits(schema),
    format === "uri" && "http or https",
    schema.default !== undefined && `default ${schema.default}`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** Limits of a map's values: "text of at most 1,000 characters". */
function valueLimits({ additionalProperties }: Schema): string[] {
  if (typeof additionalProperties !== "object") return [];
  const kinds = (additionalProperties.anyOf ?? []).flatMap((kind) => kind.anyOf ?? [kind]);
  return kinds.flatMap(({ type, maxLength, maxItems }) => [
    ...(maxLength === undefined ? [] : [`text of ${range(undefined, maxLength, "characters")}`]),
    ...(type === "array" && maxItems !== undefined ? [`lists of ${range(undefined, maxItems, "entries")}`] : []),
  ]);
}

/** "1 to 50", "at most 100 entries"; empty when the only bounds are JavaScript's safe integers. */
function range(least: number | undefined, most: number | undefined, unit: string): string {
  const isBound = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER;
  const count = (bound: number) => bound.toLocaleString("en");
  if (isBound(least) && isBound(most)) return `${count(least)} to ${count(most)} ${unit}`.trim();
  if (isBound(most)) return `at most ${count(most)} ${unit}`.trim();
  return isBound(least) && least > 0 ? `at least ${count(least)} ${unit}`.trim() : "";
}
