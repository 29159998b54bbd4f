import type { FileKinds } from "#console/contract.ts";

/** Hidden files, `node_modules`, and what Office leaves beside a document that is open, as `npm run ingest` skips them. */
export function isSkipped(name: string): boolean {
  return name.startsWith(".") || name.startsWith("~$") || name === "node_modules";
}

/** Why a file is not sent; `undefined` when it is. */
export function whyNotSent(name: string, kinds: FileKinds): string | undefined {
  const extension = /.(\.[^.]*)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  if (kinds.extensions.includes(extension)) return undefined;
  const other = kinds.save_as[extension];
  if (other !== undefined) return `${extension} is not read: save it as ${other}`;
  return extension === "" || extension === "." ? "No extension that says its kind" : `${extension} is not read`;
}

/** Why a file cannot be sent; `undefined` when it can. */
export function whyTooLarge(bytes: number, kinds: FileKinds): string | undefined {
  if (bytes <= kinds.max_bytes) return undefined;
  return `${bytes.toLocaleString("en")} bytes; at most ${kinds.max_bytes.toLocaleString("en")} are read: split it`;
}
