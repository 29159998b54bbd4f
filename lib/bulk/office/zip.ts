import { unzipSync } from "fflate";
import { decodeText } from "#bulk/readers/text.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { checkSignature } from "./signature.ts";

/** The parts of a zip file that were asked for, unpacked, by name. */
export interface Archive {
  names: readonly string[];
  /** The text of a part; `undefined` when there is none. */
  text(name: string): string | undefined;
  bytes(name: string): Uint8Array | undefined;
}

/** Of everything that is unpacked, in bytes. A document of 3,000,000 characters takes a tenth of it in these formats. */
const MAX_UNPACKED = 200 * 1024 * 1024;
const MAX_PARTS = 100_000;

/**
 * Unpacks parts of a zip file into memory. Sizes are checked before anything is unpacked: `fflate` gives each part the
 * buffer of its declared size and no more, so a file that lies gets no further than one that does not.
 *
 * @param kind of file, for messages, such as ".docx"
 * @param isWanted whether a part is unpacked, by its name; pictures and fonts need not be
 * @throws UnreadableError when it is no zip file, or too large
 */
export function unzip(bytes: Uint8Array, kind: string, isWanted: (name: string) => boolean): Archive {
  checkSignature(bytes, kind);
  let size = 0;
  let count = 0;
  const check = (name: string, unpacked: number): boolean => {
    count += 1;
    if (count > MAX_PARTS) throw new UnreadableError("a zip file of over 100,000 parts");
    if (!isWanted(name)) return false;
    size += unpacked;
    if (size > MAX_UNPACKED) throw new UnreadableError("over 200 MB when unpacked: split it, or save it as text");
    return true;
  };
  try {
    unzipSync(bytes, { filter: ({ name, originalSize }) => check(name, originalSize) && false });
    const parts = unzipSync(bytes, { filter: ({ name }) => isWanted(name) });
    const found = new Map(Object.entries(parts));
    return {
      names: [...found.keys()],
      bytes: (name) => found.get(name),
      text: (name) => {
        const part = found.get(name);
        return part && decodeText(part);
      },
    };
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    throw new UnreadableError(`a damaged zip file, which a ${kind} is: save it again`, { cause: error });
  }
}
