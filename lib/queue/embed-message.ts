import { TooLargeError } from "#rag/errors.ts";
import type { IngestDocuments, NewDocument } from "#rag/ingest.ts";
import { type Message, MessageError, type ProcessMessage } from "./consumer.ts";

/**
 * Processes messages whose body is that of `POST /embed`. It succeeds when all documents of the message are stored; on a
 * redelivery, documents that are already stored are unchanged and embed nothing.
 *
 * When there are tenants, the message's `tenant` names one: a sender to the queue can write for every tenant.
 *
 * @param tenants the tenants with an API key; empty when documents are not separated by tenant
 * @param read parses a body; throws a MessageError when it is invalid
 */
export function createEmbedProcessor(
  ingestDocuments: IngestDocuments,
  tenants: ReadonlySet<string>,
  read: (body: string) => NewDocument[],
): ProcessMessage {
  return async (message, call) => {
    const tenant = tenantOf(message, tenants);
    const documents = read(message.body);
    const result = await ingestDocuments(documents, { ...call, ...(tenant !== undefined && { tenant }) });
    const failed = result.documents.flatMap(({ error }) => error ?? []);
    const [first] = failed;
    if (!first) return;
    const reason = `${failed.length} of ${documents.length} documents failed, the first in the stage ${first.stage}`;
    const isPermanent = failed.every((error) => error instanceof TooLargeError);
    const code = isPermanent ? { code: "invalid_message" as const } : {};
    throw new MessageError(reason, { stage: first.stage, cause: first, ...code });
  };
}

function tenantOf({ tenant }: Message, tenants: ReadonlySet<string>): string | undefined {
  if (tenants.size === 0) {
    if (tenant === undefined) return undefined;
    throw invalid(
      "The message has a tenant, but there are no tenants: without RAG_API_KEYS anyone can read documents.",
    );
  }
  if (tenant === undefined) throw invalid("The message's tenant is missing: set it to the documents' owner.");
  if (!tenants.has(tenant)) throw invalid("The tenant has no key in RAG_API_KEYS: add one, or correct the tenant.");
  return tenant;
}

function invalid(reason: string): MessageError {
  return new MessageError(reason, { code: "invalid_message", stage: "validation" });
}
