/** Invalid arguments. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  static readonly USAGE =
    `npm run ingest -- PATH|'GLOB'|ADDRESS… [--url URL] [--key KEY] [--queue QUEUE_URL] [--tenant NAME] [--topic N]…
    [--root FOLDER] [--prefix TEXT] [--concurrency N] [--read-seconds N] [--read-megabytes N] [--dry-run]
    [--prune [--yes]]
    of the web: [--pages N] [--delay SECONDS] [--contact TEXT] [--allow-private]`;
}
