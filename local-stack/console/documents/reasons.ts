/** What an error of `npm run ingest` advises, as advice for somebody in front of the console. */
export function reasonFor(message: string): string {
  return message
    .replace(/\bor set (--read-\w+)/, "or send it with npm run ingest and $1")
    .replace(/ Is the key right\? It is read from --key or RAG_API_KEY\.$/, "")
    .replace(/ Is --url the root of the API, such as https:\/\/host, without \/embed\?$/, "");
}
