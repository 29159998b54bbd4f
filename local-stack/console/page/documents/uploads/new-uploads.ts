import type { FileKinds } from "#console/contract.ts";
import type { Choice } from "./chosen-files.ts";
import { whyNotSent, whyTooLarge } from "./file-kinds.ts";
import type { NewUpload } from "./upload-queue.ts";

export interface UploadSource {
  file: File;
  topicIds: readonly number[];
}

/** What the chosen files become in the list. Of files with the same id the first is sent. */
export function newUploads(
  { files, unreadable, isCut }: Choice,
  kinds: FileKinds,
  { prefix, topicIds }: { prefix: string; topicIds: readonly number[] },
): NewUpload<UploadSource>[] {
  const seen = new Set<string>();
  const uploads = files.map(({ id: path, file }): NewUpload<UploadSource> => {
    const id = prefix + path;
    const skipped = whyNotSent(file.name, kinds);
    if (skipped !== undefined) return { id, skipped };
    const failed = seen.has(id)
      ? "Another of these files has the same id: send them one after the other, each with a prefix of its own"
      : whyTooLarge(file.size, kinds);
    seen.add(id);
    return failed === undefined ? { id, source: { file, topicIds } } : { id, failed };
  });
  const failed = unreadable.map(({ id, reason }) => ({ id: prefix + id, failed: reason }));
  const rest = {
    id: "Further files",
    failed: `More than ${files.length.toLocaleString("en")} files: add the rest in parts`,
  };
  return [...uploads, ...failed, ...(isCut ? [rest] : [])];
}
