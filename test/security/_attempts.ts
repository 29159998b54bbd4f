import fc from "fast-check";
import { type NameOfWay, WAYS_TO_ASK } from "./_ask.ts";
import { type Listing, type NewDocument, type Query, secretOf } from "./_contents.ts";
import { TENANTS, type Tenant } from "./_service.ts";

/** An action of a tenant; `reader` is its key that may only read a topic. */
export type Attempt =
  | { kind: "ingest"; document: NewDocument }
  | { kind: "remove"; id: string }
  | { kind: "ask"; way: NameOfWay; query: Query; reader: boolean }
  | { kind: "list"; listing: Listing; reader: boolean }
  | { kind: "get"; way: Listing["way"]; id: string; reader: boolean }
  | { kind: "models"; reader: boolean }
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

const WAYS = Object.keys(WAYS_TO_ASK) as NameOfWay[];
const reader = fc.boolean();
const protocols = fc.constantFrom("embed" as const, "mcp" as const);
const listings: fc.Arbitrary<Listing> = fc.record(
  {
    way: protocols,
    prefix: fc.constantFrom("a", "alice", "doc", "bob\u001f"),
    topics: fc.subarray([1, 2, 3], { minLength: 1 }),
    limit: fc.constantFrom(1, 2, 100),
    cursor: fc.oneof(
      tenants.map((of) => ({ of })),
      tenants.map((tenant) => ({ text: `${tenant}\u001f` })),
      fc.constant({ text: "00000000-0000-8000-8000-000000000000" }),
    ),
  },
  { requiredKeys: ["way", "limit"] },
);

function attempts(tenant: Tenant): fc.Arbitrary<Attempt> {
  return fc.oneof(
    { weight: 8, arbitrary: documents(tenant).map((document): Attempt => ({ kind: "ingest", document })) },
    { weight: 3, arbitrary: ids.map((id): Attempt => ({ kind: "remove", id })) },
    {
      weight: 14,
      arbitrary: fc
        .record({ way: fc.constantFrom(...WAYS), query: queries, reader })
        .map((fields): Attempt => ({ kind: "ask", ...fields })),
    },
    {
      weight: 4,
      arbitrary: fc.record({ listing: listings, reader }).map((fields): Attempt => ({ kind: "list", ...fields })),
    },
    {
      weight: 6,
      arbitrary: fc.record({ way: protocols, id: ids, reader }).map((fields): Attempt => ({ kind: "get", ...fields })),
    },
    { weight: 1, arbitrary: reader.map((reader): Attempt => ({ kind: "models", reader })) },
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
