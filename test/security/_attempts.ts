import fc from "fast-check";
import { TENANTS, type Tenant } from "./_service.ts";

/** A word in the texts, titles and URLs of one tenant only. */
export const secretOf = (tenant: Tenant): string => `secretof${tenant.replace("-", "")}x`;

export interface NewDocument {
  id: string;
  text: string;
  title?: string;
  url?: string;
  topic_ids: number[];
  metadata: Record<string, string>;
}

export interface Query {
  question: string;
  top_k: number;
  topic_ids?: number[];
  filter?: Record<string, string | string[]>;
  stream: boolean;
}

/** An action of a tenant. */
export type Attempt =
  | { kind: "ingest"; document: NewDocument }
  | { kind: "remove"; id: string }
  | { kind: "query"; query: Query }
  /** A query with an invalid key that looks like a valid one. */
  | { kind: "guess"; key: string };

const OWNER = "\u001ftenant";
const tenants = fc.constantFrom(...TENANTS);

/** Few ids, so that tenants share them; some resemble, or are, the ids that another tenant's documents are stored under. */
const ids = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("doc", "a/b", "alice", "alice/doc", "bob:doc", "alice-2", "2%1Fdoc", "Doc") },
  { weight: 1, arbitrary: tenants.map((tenant) => `${tenant}\u001fdoc`) },
);
const metadataKeys = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom("lang", "tenant", "document_id", "metadata", "\\u001ftenant", "a.b[]", "constructor"),
  },
  { weight: 1, arbitrary: fc.constantFrom(OWNER, "\u001f", "__proto__") },
);
const metadataValues = fc.constantFrom("en", ...TENANTS, `["${OWNER}","bob"]`, "' OR 1=1 --", "alice\u001fdoc");
const topics = fc.subarray([1, 2, 3]);

/** A document with the tenant's secret, or with content that all tenants share. */
function documents(tenant: Tenant): fc.Arbitrary<NewDocument> {
  return fc
    .record({
      id: ids,
      variant: fc.nat(2),
      isOwn: fc.boolean(),
      topic_ids: topics,
      metadata: fc.dictionary(metadataKeys, metadataValues, { maxKeys: 2, noNullPrototype: true }),
    })
    .map(({ variant, isOwn, ...fields }) => {
      const secret = isOwn ? secretOf(tenant) : "common";
      return {
        ...fields,
        text: `The answer ${variant} is ${secret} and no other.`,
        ...(isOwn && { title: `Title ${secret}`, url: `https://example.com/${secret}` }),
      };
    });
}

/** Few questions, most of them about other tenants' documents. */
const questions = fc.oneof(
  fc.constantFrom("What is the answer?", "common", "The answer 1 is"),
  tenants.map((tenant) => `What is ${secretOf(tenant)}?`),
);
const queries: fc.Arbitrary<Query> = fc.record(
  {
    question: questions,
    top_k: fc.constantFrom(1, 5, 50),
    topic_ids: topics,
    filter: fc.dictionary(metadataKeys, fc.oneof(metadataValues, fc.subarray(["en", ...TENANTS])), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    stream: fc.boolean(),
  },
  { requiredKeys: ["question", "top_k", "stream"] },
);

function attempts(tenant: Tenant): fc.Arbitrary<Attempt> {
  return fc.oneof(
    { weight: 8, arbitrary: documents(tenant).map((document): Attempt => ({ kind: "ingest", document })) },
    { weight: 3, arbitrary: ids.map((id): Attempt => ({ kind: "remove", id })) },
    { weight: 12, arbitrary: queries.map((query): Attempt => ({ kind: "query", query })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom("erag_", "erag_bo", "erag_alice2", "bob")
        .map((key): Attempt => ({ kind: "guess", key })),
    },
  );
}

/** Rounds in which all tenants act concurrently. */
export function rounds(count: number): fc.Arbitrary<Record<Tenant, Attempt>[]> {
  const round = fc.record({ alice: attempts("alice"), bob: attempts("bob"), "alice-2": attempts("alice-2") });
  return fc.array(round, { minLength: count, maxLength: count, size: "max" });
}
