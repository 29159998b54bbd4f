import type { IngestDocuments, NewDocument } from "#rag/ingest.ts";
import { type Message, MessageError, type ProcessMessage } from "./consumer.ts";

/**
 * Takes messages whose body is that of `POST /embed`. A message is done when all of its documents are stored; when it
 * comes again, those that were stored the first time are unchanged, and embed nothing.
 *
 * Where there are tenants, the attribute `tenant` names one: whoever may send to the queue writes for all of them.
 *
 * @param tenants those with a key; empty where documents are everybody's
 * @param read the documents of a body; throws a MessageError where it has none
 */
export function embedMessages(
  ingest: IngestDocuments,
  tenants: ReadonlySet<string>,
  read: (body: string) => NewDocument[],
): ProcessMessage {
  return async (message, call) => {
    const tenant = tenantOf(message, tenants);
    const documents = read(message.body);
    const result = await ingest(documents, { ...call, ...(tenant !== undefined && { tenant }) });
    const failed = result.documents.flatMap(({ error }) => error ?? []);
    const [first] = failed;
    if (!first) return;
    const what = `${failed.length} of ${documents.length} documents failed, the first in the stage ${first.stage}`;
    throw new MessageError(what, { stage: first.stage, cause: first });
  };
}

function tenantOf({ tenant }: Message, tenants: ReadonlySet<string>): string | undefined {
  if (tenants.size === 0) {
    if (tenant === undefined) return undefined;
    throw invalid("It is for a tenant, but there are none: without RAG_API_KEYS everybody would read its documents.");
  }
  if (tenant === undefined) throw invalid("It needs the message attribute tenant: whose the documents are.");
  if (!tenants.has(tenant)) throw invalid("Its tenant has no key in RAG_API_KEYS: nobody could read its documents.");
  return tenant;
}

function invalid(reason: string): MessageError {
  return new MessageError(reason, { code: "invalid_message", stage: "validation" });
}
