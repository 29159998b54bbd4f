import type { Attributes, AttributeValue } from "#console/contract.ts";

export interface AttributeGroup {
  title: string;
  /** By name; numbers in names by value. */
  attributes: [name: string, value: AttributeValue][];
}

/** The first that matches has the attribute. */
const GROUPS: readonly { title: string; matches: RegExp }[] = [
  {
    title: "Pipeline",
    matches:
      /^(rag|cache|candidates|chunks|documents|messages|model|query|results|rewritten|score|text|tokens|topic_ids|error)(\.|$)/,
  },
  { title: "Generative AI", matches: /^(gen_ai|llm|embedding|input|openinference|output)\./ },
  { title: "Retrieval", matches: /^(retrieval|reranker|db)\./ },
  { title: "HTTP", matches: /^(http|url|server|client|network|user_agent)\./ },
  { title: "Function", matches: /^(faas|cloud|aws)\./ },
  { title: "Other", matches: /^/ },
];

const byName = new Intl.Collator("en", { numeric: true }).compare;

/** The attributes in groups by their names; groups without any are left out. */
export function groupAttributes(attributes: Attributes): AttributeGroup[] {
  const grouped = Map.groupBy(Object.entries(attributes), ([name]) => GROUPS.find(({ matches }) => matches.test(name)));
  return GROUPS.flatMap((group) => {
    const found = grouped.get(group);
    return found ? [{ title: group.title, attributes: found.toSorted(([a], [b]) => byName(a, b)) }] : [];
  });
}

/** Text as it is; everything else as JSON, in lines when it is long. */
export function attributeText(value: AttributeValue): string {
  if (typeof value === "string") return value;
  const short = JSON.stringify(value);
  return short.length <= 80 ? short : JSON.stringify(value, null, 2);
}
