import { isSkipped } from "./file-kinds.ts";

/** What is used of the DOM's FileSystemEntry and its kinds. */
interface Entry {
  name: string;
  isFile: boolean;
  isDirectory: boolean;
}

type Failed = (error: Error) => void;

interface FileEntry extends Entry {
  file(onFile: (file: File) => void, onError: Failed): void;
}

interface FolderEntry extends Entry {
  createReader(): { readEntries(onEntries: (entries: Entry[]) => void, onError: Failed): void };
}

/** A file that was dropped or chosen, and the id that `npm run ingest` would give its document: its path in its folder. */
export interface ChosenFile {
  id: string;
  file: File;
}

export interface Choice {
  /** By id. */
  files: ChosenFile[];
  /** Folders and files that cannot be read, and why. */
  unreadable: { id: string; reason: string }[];
  /** Whether there were more files than are taken at once. */
  isCut: boolean;
}

/** What a person can still look through; a list of more takes seconds to make. */
const MAX_FILES = 5_000;

/**
 * All files of what was dropped, those in folders too, except hidden ones and `node_modules`.
 *
 * @param entries of the drop, read while its event was handled: they are gone after it
 */
export async function filesOfDrop(entries: readonly Entry[]): Promise<Choice> {
  const choice: Choice = { files: [], unreadable: [], isCut: false };
  const { files, unreadable } = choice;

  async function add(entry: Entry, id: string): Promise<void> {
    if (files.length >= MAX_FILES) {
      choice.isCut = true;
      return;
    }
    try {
      if (isFile(entry)) files.push({ id, file: await fileOf(entry) });
      else if (isFolder(entry)) await addFolder(entry, `${id}/`);
    } catch (error) {
      unreadable.push({ id, reason: `cannot be read (${error instanceof Error ? error.message : error})` });
    }
  }

  /** @param path of its files; "" for a folder that was itself dropped */
  async function addFolder(folder: FolderEntry, path: string): Promise<void> {
    for await (const entry of childrenOf(folder)) {
      if (!isSkipped(entry.name)) await add(entry, path + entry.name);
    }
  }

  for (const entry of entries) {
    if (!isFolder(entry)) await add(entry, entry.name);
    else await addFolder(entry, "").catch((error: Error) => unreadable.push({ id: entry.name, reason: error.message }));
  }
  return sorted(choice);
}

/** The files of an input, which has the path of each when it is one for folders. */
export function filesOfInput(list: ArrayLike<File & { webkitRelativePath?: string }>): Choice {
  const all = Array.from(list, (file) => ({ id: pathInFolder(file), file }));
  const files = all.filter(({ id }) => !id.split("/").some(isSkipped));
  return sorted({ files: files.slice(0, MAX_FILES), unreadable: [], isCut: files.length > MAX_FILES });
}

/** Without the folder that was chosen. */
function pathInFolder({ webkitRelativePath = "", name }: { webkitRelativePath?: string; name: string }): string {
  return webkitRelativePath === "" ? name : webkitRelativePath.slice(webkitRelativePath.indexOf("/") + 1);
}

function sorted(choice: Choice): Choice {
  choice.files.sort((a, b) => (a.id < b.id ? -1 : 1));
  return choice;
}

/** A folder is read in batches, until one is empty. */
async function* childrenOf(folder: FolderEntry): AsyncGenerator<Entry> {
  const reader = folder.createReader();
  for (;;) {
    const batch = await new Promise<Entry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    yield* batch;
  }
}

function fileOf(entry: FileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function isFile(entry: Entry): entry is FileEntry {
  return entry.isFile;
}

function isFolder(entry: Entry): entry is FolderEntry {
  return entry.isDirectory;
}
