import type { FileResult, Problem } from "#console/contract.ts";
import { apiKey, HttpError } from "../../shell/http.ts";
import type { UploadSource } from "./new-uploads.ts";

/**
 * Sends a file to the console's server. `fetch` does not say how much of a body was sent.
 *
 * @param onSent called with the share that was sent, in [0, 1]
 * @throws HttpError for a response that is no success, and when there is none; the signal's reason once it is aborted
 */
export function sendFile(
  id: string,
  { file, topicIds }: UploadSource,
  onSent: (share: number) => void,
  signal: AbortSignal,
): Promise<FileResult> {
  const query = new URLSearchParams([["id", id], ...topicIds.map((topic) => ["topic", String(topic)])]);
  const { promise, resolve, reject } = Promise.withResolvers<FileResult>();
  const request = new XMLHttpRequest();
  request.open("POST", `/console/api/files?${query}`);
  request.responseType = "json";
  if (apiKey.get()) request.setRequestHeader("authorization", `Bearer ${apiKey.get()}`);
  request.upload.addEventListener("progress", ({ loaded, total }) => onSent(total === 0 ? 0 : loaded / total));
  request.upload.addEventListener("load", () => onSent(1));
  request.addEventListener("load", () => {
    if (request.status === 200) return resolve(request.response as FileResult);
    const problem = (request.response ?? undefined) as Problem | undefined;
    reject(new HttpError(request.status, problem?.detail ?? `HTTP ${request.status}`, problem));
  });
  request.addEventListener("error", () => {
    reject(new HttpError(0, "No response: the file has changed since it was chosen, or npm run dev has stopped"));
  });
  request.addEventListener("abort", () => reject(signal.reason));
  signal.addEventListener("abort", () => request.abort(), { once: true });
  request.send(file);
  return promise;
}
