import * as z from "zod/mini";
import { parseJson } from "./body.ts";
import { FieldErrors } from "./field-errors.ts";
import { type EmbedRequest, embedDocument, embedEnvelope } from "./schemas.ts";

const documentList = z.object(embedEnvelope.shape);

/**
 * Parses and validates the body of `POST /embed`. Documents are validated one by one: the schema library spreads the list
 * of all errors into arguments, which fails at about 120,000.
 *
 * @throws RequestError as `parseBody`
 */
export function readEmbedRequest(bytes: Uint8Array): EmbedRequest {
  const body = parseJson(bytes);
  const envelope = embedEnvelope.safeParse(body);
  const errors = new FieldErrors();
  const documents = validate(documentList.safeParse(body).data?.documents ?? [], errors);
  if (!envelope.success) errors.add(envelope.error);
  if (!errors.isEmpty) throw errors.toRequestError("body");
  return { documents };
}

function validate(documents: readonly unknown[], errors: FieldErrors): EmbedRequest["documents"] {
  const valid: EmbedRequest["documents"] = [];
  const first = new Map<string, number>();
  for (const [index, document] of documents.entries()) {
    const result = embedDocument.safeParse(document);
    if (!result.success) {
      errors.add(result.error, ["documents", index]);
      continue;
    }
    const { id } = result.data;
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, index);
    } else {
      const message = `duplicate id, already used by documents[${earlier}]: send each document once`;
      errors.addOne(["documents", index, "id"], message);
    }
    valid.push(result.data);
  }
  return valid;
}
