import OpenAI from "openai";
import { readErrorBody } from "#providers/service/error-body.ts";
import { toServiceError } from "./error.ts";

/** Of a server without a list of models. */
const NOT_THERE = [404, 405, 501];
const UNAVAILABLE = [502, 503, 504];
/** A key that may call models and not list them: "Missing scopes: api.model.read". */
const NOT_ALLOWED_TO_LIST = /\bscopes?\b|permission/i;

/**
 * Checks a server's address and key without being billed. Lists the models; a server that has no such list, as TEI and
 * Azure's deployments do not, gets an empty request of the operation, which any status but that of a missing path answers.
 *
 * @param operation its path: "/embeddings"
 * @throws OpenAIServiceError
 */
export async function checkReachable(client: OpenAI, service: string, operation: string): Promise<void> {
  const fail = (error: unknown) => toServiceError(service, error, [client.apiKey ?? ""]);
  try {
    return void (await client.models.list());
  } catch (error) {
    if (mayNotList(error)) return;
    if (!NOT_THERE.includes(statusOf(error))) throw fail(error);
  }
  try {
    await client.post(operation, { body: {} });
  } catch (error) {
    // A server that ends the connection on an empty request is there as well.
    const status = statusOf(error);
    if ([401, 403, ...NOT_THERE, ...UNAVAILABLE].includes(status)) throw fail(error);
  }
}

function mayNotList(error: unknown): boolean {
  if (!(error instanceof OpenAI.APIError) || ![401, 403].includes(statusOf(error))) return false;
  return NOT_ALLOWED_TO_LIST.test(readErrorBody(error.error ?? error.message).text);
}

function statusOf(error: unknown): number {
  return error instanceof OpenAI.APIError ? (error.status ?? 0) : 0;
}
