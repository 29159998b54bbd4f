import { expect } from "vitest";
import { post, send } from "../http/_app.ts";
import { type Attempt, type NewDocument, type Query, secretOf } from "./_attempts.ts";
import { keyOf, type Service, TENANTS, type Tenant } from "./_service.ts";

interface Citation {
  document_id: string;
  chunk_id: string;
  text: string;
  title: string;
  url?: string;
}

/** The state that a tenant expects from its own actions only. */
interface History {
  documents: Map<string, NewDocument>;
  asked: Set<string>;
}

/** Runs attempts, and compares every response with the expected state of its tenant. */
export class World {
  /** Attempts at something that belonged to another tenant at that time. */
  crossTenant = 0;
  readonly #service: Service;
  readonly #histories = new Map<Tenant, History>(
    TENANTS.map((tenant) => [tenant, { documents: new Map(), asked: new Set() }]),
  );
  readonly #chunkOwners = new Map<string, Tenant>();

  constructor(service: Service) {
    this.#service = service;
  }

  async round(attempts: Record<Tenant, Attempt>): Promise<void> {
    for (const tenant of TENANTS) if (this.#isCrossTenant(tenant, attempts[tenant])) this.crossTenant++;
    await Promise.all(TENANTS.map((tenant) => this.#attempt(tenant, attempts[tenant])));
  }

  /** Checks that every tenant still has exactly the documents it stored. */
  async audit(): Promise<void> {
    for (const tenant of TENANTS) {
      const documents = [...this.#history(tenant).documents.values()];
      await this.#query(tenant, { question: "What is the answer?", top_k: 50, stream: false });
      for (const document of documents) await this.#ingest(tenant, document);
    }
  }

  #history(tenant: Tenant): History {
    return this.#histories.get(tenant) ?? { documents: new Map(), asked: new Set() };
  }

  #isCrossTenant(tenant: Tenant, attempt: Attempt): boolean {
    if (attempt.kind === "guess") return false;
    return TENANTS.filter((other) => other !== tenant).some((other) => {
      const { documents, asked } = this.#history(other);
      if (attempt.kind === "query") return documents.size > 0 || asked.has(attempt.query.question);
      const id = attempt.kind === "remove" ? attempt.id : attempt.document.id;
      return documents.has(id) || id === `${other}\u001fdoc`;
    });
  }

  async #attempt(tenant: Tenant, attempt: Attempt): Promise<void> {
    if (attempt.kind === "ingest") return this.#ingest(tenant, attempt.document);
    if (attempt.kind === "remove") return this.#remove(tenant, attempt.id);
    if (attempt.kind === "query") return this.#query(tenant, attempt.query);
    const response = await post(this.#service.app, "/query", { question: "Why?" }, { "x-api-key": attempt.key });
    expect(response.status).toBe(401);
  }

  async #ingest(tenant: Tenant, document: NewDocument): Promise<void> {
    const { documents } = this.#history(tenant);
    const before = documents.get(document.id);
    const { status, body } = await this.#post(tenant, "/embed", { documents: [document] });
    const isRejected = hasControls(document.id) || hasOddKeys(document.metadata);
    expect(status, body).toBe(isRejected ? 400 : 200);
    if (isRejected) return;
    const wasSame = before && JSON.stringify(before) === JSON.stringify(document);
    const outcome = wasSame ? "unchanged" : before ? "updated" : "created";
    expect(JSON.parse(body).documents).toEqual([{ id: document.id, status: outcome, chunks: 1 }]);
    documents.set(document.id, document);
  }

  async #remove(tenant: Tenant, id: string): Promise<void> {
    const { documents } = this.#history(tenant);
    const init = { method: "DELETE", headers: authorization(tenant) };
    const response = await send(this.#service.app, `/embed/${encodeURIComponent(id)}`, init);
    await this.#read(tenant, response);
    expect(response.status).toBe(hasControls(id) ? 400 : documents.delete(id) ? 200 : 404);
  }

  async #query(tenant: Tenant, query: Query): Promise<void> {
    const { documents, asked } = this.#history(tenant);
    const { status, body } = await this.#post(tenant, "/query", query);
    const isRejected = hasOddKeys(query.filter);
    expect(status, body).toBe(isRejected ? 400 : 200);
    if (isRejected) return;
    const { citations, cache } = query.stream ? fromEvents(body) : JSON.parse(body);
    expect(cache).toEqual({ embedding: asked.has(query.question) });
    asked.add(query.question);

    const matching = [...documents.values()].filter((document) => matches(document, query));
    expect(citations).toHaveLength(Math.min(query.top_k, matching.length));
    for (const { document_id, chunk_id, title, url, text } of citations as Citation[]) {
      const document = matching.find(({ id }) => id === document_id);
      const { id, text: ownText, title: ownTitle = id, url: ownUrl } = document ?? {};
      expect({ document_id, title, url, text }).toEqual({
        document_id: id,
        title: ownTitle,
        url: ownUrl,
        text: ownText,
      });
      expect(this.#chunkOwners.get(chunk_id) ?? tenant, "a chunk id of another tenant").toBe(tenant);
      this.#chunkOwners.set(chunk_id, tenant);
    }
  }

  async #post(tenant: Tenant, path: string, body: object): Promise<{ status: number; body: string }> {
    const response = await post(this.#service.app, path, body, authorization(tenant));
    return { status: response.status, body: await this.#read(tenant, response) };
  }

  /** Reads the body, and checks that neither it nor the headers contain another tenant's secret. */
  async #read(tenant: Tenant, response: Response): Promise<string> {
    const body = await response.text();
    const all = `${JSON.stringify([...response.headers])}${body}`;
    for (const other of TENANTS) if (other !== tenant) expect(all).not.toContain(secretOf(other));
    return body;
  }
}

function authorization(tenant: Tenant): Record<string, string> {
  return { authorization: `Bearer ${keyOf(tenant)}` };
}

function hasControls(text: string): boolean {
  return text.includes("\u001f");
}

function hasOddKeys(record: object | undefined): boolean {
  return Object.keys(record ?? {}).some((key) => hasControls(key) || key === "__proto__");
}

/** Whether the query's topics and filter match the document, by the API's contract. */
function matches({ topic_ids, metadata }: NewDocument, query: Query): boolean {
  if (query.topic_ids && !query.topic_ids.some((topic) => topic_ids.includes(topic))) return false;
  const conditions = Object.entries(query.filter ?? {});
  if (query.filter && conditions.length === 0) return false;
  return conditions.every(
    ([key, wanted]) => Object.hasOwn(metadata, key) && [wanted].flat().includes(metadata[key] ?? ""),
  );
}

function fromEvents(body: string): { citations: Citation[]; cache: object } {
  const events = new Map([...body.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, name, data = ""]) => [name, data]));
  return { ...JSON.parse(events.get("citations") ?? "{}"), ...JSON.parse(events.get("done") ?? "{}") };
}
