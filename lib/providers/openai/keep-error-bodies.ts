import { fieldOf, isObject } from "#providers/service/json-fields.ts";

/**
 * Wraps `fetch` so that the client keeps every error body: it drops those that are not `{"error": …}`, as Mistral's,
 * Gemini's and those of FastAPI servers are not.
 */
export function keepErrorBodies(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.status < 400) return response;
    const text = await response.text();
    const { status, statusText, headers } = response;
    return new Response(wrapped(text), { status, statusText, headers });
  };
}

function wrapped(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    const body = Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
    return JSON.stringify(isObject(fieldOf(body, "error")) ? body : { error: body });
  } catch {
    return text;
  }
}
