import type { IngestDocuments } from "#rag/ingest.ts";
import { parseBody } from "./body.ts";
import { toDocument } from "./embed.ts";
import { type Message, MessageError, type ProcessMessage } from "./messages.ts";
import { type FieldError, publicDetail, RequestError } from "./problem.ts";
import { type EmbedRequest, embedRequest } from "./schemas.ts";

/**
 * Takes messages whose body is that of `POST /embed`. A message is done when all of its documents are stored; when it
 * comes again, those that were stored the first time are unchanged, and embed nothing.
 *
 * Where there are tenants, the attribute `tenant` names one: whoever may send to the queue writes for all of them.
 *
 * @param tenants those with a key; empty where documents are everybody's
 */
export function embedMessages(ingest: IngestDocuments, tenants: ReadonlySet<string>): ProcessMessage {
  return async (message, call) => {
    const tenant = tenantOf(message, tenants);
    const { documents } = read(message.body);
    const result = await ingest(documents.map(toDocument), { ...call, ...(tenant !== undefined && { tenant }) });
    const failed = result.documents.flatMap(({ error }) => error ?? []);
    const [first] = failed;
    if (!first) return;
    const what = `${failed.length} of ${documents.length} documents failed`;
    throw new MessageError(`${what}: ${publicDetail(first.stage)}`, { stage: first.stage, cause: first });
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

function read(body: string): EmbedRequest {
  try {
    return parseBody(new TextEncoder().encode(body), embedRequest);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw invalid(error.errors ? "The body does not fit." : error.message, error.errors?.map(withoutNames));
  }
}

function invalid(reason: string, errors?: readonly FieldError[]): MessageError {
  return new MessageError(reason, { code: "invalid_message", stage: "validation", ...(errors && { errors }) });
}

const KNOWN = new Set(["", "documents", ...["id", "text", "title", "url", "topic_ids", "metadata"]]);

/** A field that the sender made up, or a metadata key, may be anything. */
function withoutNames({ path, message }: FieldError): FieldError {
  const parts = path.split("/").map((part) => (KNOWN.has(part) || /^\d{1,4}$/.test(part) ? part : "*"));
  return { path: parts.join("/"), message };
}
