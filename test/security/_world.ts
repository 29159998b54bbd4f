import { expect } from "vitest";
import { post, send } from "../http/_app.ts";
import { type NameOfWay, WAYS_TO_ASK, type WayToAsk } from "./_ask.ts";
import type { Attempt } from "./_attempts.ts";
import { type Listing, type NewDocument, type Query, secretOf } from "./_contents.ts";
import { get, getByMcp, list, models, type Session } from "./_read.ts";
import { keyOf, READABLE, type Service, TENANTS, type Tenant } from "./_service.ts";

/** The state that a tenant expects from its own actions only. */
interface History {
  documents: Map<string, NewDocument>;
  asked: Set<string>;
}

/** Runs attempts, and compares every response with the expected state of its tenant. */
export class World {
  /** Attempts at something that belonged to another tenant at that time, by what was attempted. */
  readonly crossTenant = new Map<string, number>();
  readonly #service: Service;
  readonly #histories = new Map<Tenant, History>(
    TENANTS.map((tenant) => [tenant, { documents: new Map(), asked: new Set() }]),
  );
  readonly #chunkOwners = new Map<string, Tenant>();
  readonly #cursors = new Map<Tenant, string>();

  constructor(service: Service) {
    this.#service = service;
  }

  async round(attempts: Record<Tenant, Attempt>): Promise<void> {
    for (const tenant of TENANTS) {
      if (!this.#isCrossTenant(tenant, attempts[tenant])) continue;
      const name = nameOf(attempts[tenant]);
      this.crossTenant.set(name, (this.crossTenant.get(name) ?? 0) + 1);
    }
    await Promise.all(TENANTS.map((tenant) => this.#attempt(tenant, attempts[tenant])));
  }

  /** Checks that every tenant still has exactly the documents it stored, by what it can find and what is listed. */
  async audit(): Promise<void> {
    for (const tenant of TENANTS) {
      const documents = [...this.#history(tenant).documents.values()];
      await this.#ask(tenant, "query", { question: "What is the answer?", top_k: 50, stream: false });
      await list(this.#session(tenant, false), { way: "embed", limit: 100 });
      for (const document of documents) await this.#ingest(tenant, document);
    }
  }

  #history(tenant: Tenant): History {
    return this.#histories.get(tenant) ?? { documents: new Map(), asked: new Set() };
  }

  #isCrossTenant(tenant: Tenant, attempt: Attempt): boolean {
    if (attempt.kind === "guess" || attempt.kind === "models") return false;
    return TENANTS.filter((other) => other !== tenant).some((other) => {
      const { documents, asked } = this.#history(other);
      if (attempt.kind === "ask") return documents.size > 0 || asked.has(attempt.query.question);
      if (attempt.kind === "list") return documents.size > 0;
      const id = attempt.kind === "ingest" ? attempt.document.id : attempt.id;
      return documents.has(id) || id === `${other}\u001fdoc`;
    });
  }

  async #attempt(tenant: Tenant, attempt: Attempt): Promise<void> {
    if (attempt.kind === "ingest") return this.#ingest(tenant, attempt.document);
    if (attempt.kind === "remove") return this.#remove(tenant, attempt.id);
    if (attempt.kind === "ask") return this.#ask(tenant, attempt.way, attempt.query, attempt.reader);
    if (attempt.kind === "list") return this.#list(tenant, attempt.listing, attempt.reader);
    if (attempt.kind === "get") {
      const session = this.#session(tenant, attempt.reader);
      return attempt.way === "mcp" ? getByMcp(session, attempt.id) : get(session, attempt.id, !hasControls(attempt.id));
    }
    if (attempt.kind === "models") return models(this.#session(tenant, attempt.reader));
    const response = await post(this.#service.app, "/query", { question: "Why?" }, { "x-api-key": attempt.key });
    expect(response.status).toBe(401);
  }

  async #ingest(tenant: Tenant, document: NewDocument): Promise<void> {
    const { documents } = this.#history(tenant);
    const before = documents.get(document.id);
    const { status, body } = await this.#request(tenant, false, "POST", "/embed", {
      documents: [document],
    });
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
    const { status } = await this.#request(tenant, false, "DELETE", `/embed/${encodeURIComponent(id)}`);
    expect(status).toBe(hasControls(id) ? 400 : documents.delete(id) ? 200 : 404);
  }

  async #list(tenant: Tenant, listing: Listing, reader: boolean): Promise<void> {
    const { cursor } = listing;
    const foreign =
      cursor && ("of" in cursor ? this.#cursors.get(cursor.of) : Buffer.from(cursor.text).toString("base64url"));
    const kept = await list(this.#session(tenant, reader), listing, foreign);
    if (kept !== undefined) this.#cursors.set(tenant, kept);
  }

  #session(tenant: Tenant, reader: boolean): Session {
    const all = [...this.#history(tenant).documents.values()];
    const isReadable = ({ topic_ids }: NewDocument) => topic_ids.some((topic) => READABLE.includes(topic));
    return {
      documents: reader ? all.filter(isReadable) : all,
      ...(reader && { topics: READABLE }),
      request: (method, path, body, headers) => this.#request(tenant, reader, method, path, body, headers),
    };
  }

  async #ask(tenant: Tenant, name: NameOfWay, attempted: Query, reader = false): Promise<void> {
    const { documents, asked } = this.#history(tenant);
    const way: WayToAsk = WAYS_TO_ASK[name];
    const taken = way.takes(attempted);
    const headers = way.headers?.(taken);
    const { status, body } = await this.#request(
      tenant,
      reader,
      "POST",
      way.path,
      way.body(taken, secretOf(tenant)),
      headers,
    );
    const isRejected = hasOddKeys(taken.filter);
    const answer = status === 200 ? way.read(body, taken) : undefined;
    expect([200, 400], body).toContain(status);
    expect(answer === undefined, body).toBe(isRejected);
    if (!answer) return;
    const { citations, cache, rewritten_question: question = taken.question } = answer;
    if (cache) expect(cache).toEqual({ embedding: asked.has(question) });
    asked.add(question);

    const query = reader
      ? { ...taken, topic_ids: (taken.topic_ids ?? READABLE).filter((topic) => READABLE.includes(topic)) }
      : taken;
    const matching = [...documents.values()].filter((document) => matches(document, query));
    expect(citations).toHaveLength(Math.min(query.top_k, matching.length));
    for (const { document_id, chunk_id, title, url, text } of citations) {
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

  async #request(tenant: Tenant, reader: boolean, method: string, path: string, body?: object, headers?: object) {
    const init = { method, headers: { ...CONTENT, ...headers, ...authorization(tenant, reader) } };
    const response = await send(this.#service.app, path, { ...init, ...(body && { body: JSON.stringify(body) }) });
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

function nameOf(attempt: Attempt): string {
  if (attempt.kind === "ask") return attempt.way;
  if (attempt.kind === "list") return `list by ${attempt.listing.way}`;
  return attempt.kind === "get" ? `get by ${attempt.way}` : attempt.kind;
}

const CONTENT = { "content-type": "application/json" };

function authorization(tenant: Tenant, reader: boolean): Record<string, string> {
  return { authorization: `Bearer ${keyOf(tenant, reader)}` };
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
