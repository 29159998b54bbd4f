/** What `Stats` and `Dirent` have in common. */
interface FileKind {
  isFIFO(): boolean;
  isSocket(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
  isDirectory(): boolean;
}

/** What something is that is no regular file, for a message. */
export function kindOf(file: FileKind): string {
  if (file.isFIFO()) return "a named pipe";
  if (file.isSocket()) return "a socket";
  if (file.isBlockDevice() || file.isCharacterDevice()) return "a device";
  return file.isDirectory() ? "a folder" : "something of an unknown kind";
}

/** The code of a system error, such as EACCES, or else its message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
