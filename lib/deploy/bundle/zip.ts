import { crc32, deflateRawSync } from "node:zlib";

/** 1 January 1980, the earliest date in the zip format; midnight is 0. */
const DOS_DATE = 0x21;
/** Readable by everyone: Lambda runs as another user than the files' owner. */
const MODE = 0o100644;
const VERSION = 20;
const UNIX = 3;
const UTF8 = 0x800;
const DEFLATE = 8;

/** Bytes that a file adds to a zip file: its name is in two headers, of 30 and 46 bytes (4.3.7 and 4.3.12). */
export function zippedSize(path: string, content: Uint8Array): number {
  return deflateRawSync(content, { level: 9 }).length + 30 + 46 + 2 * Buffer.byteLength(path);
}

/**
 * A reproducible zip file of these contents by path: paths are sorted, and no file's date, owner or permissions are stored.
 * Only another zlib may compress differently: that of another version of Node or another processor.
 *
 * Follows APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16
 * (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), without Zip64: for less than 65,536 files and 4 GB.
 */
export function zip(files: ReadonlyMap<string, Uint8Array>): Buffer {
  const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of sorted) {
    const name = Buffer.from(path);
    const deflated = deflateRawSync(content, { level: 9 });
    // Common to both headers of an entry, from "version needed to extract" to "extra field length".
    const about = Buffer.alloc(26);
    about.writeUInt16LE(VERSION, 0);
    about.writeUInt16LE(UTF8, 2);
    about.writeUInt16LE(DEFLATE, 4);
    about.writeUInt16LE(DOS_DATE, 8);
    about.writeUInt32LE(crc32(content), 10);
    about.writeUInt32LE(deflated.length, 14);
    about.writeUInt32LE(content.length, 18);
    about.writeUInt16LE(name.length, 22);

    const central = Buffer.alloc(14);
    central.writeUInt32LE(MODE * 0x1_0000, 6);
    central.writeUInt32LE(offset, 10);
    directory.push(Buffer.from([0x50, 0x4b, 1, 2, VERSION, UNIX]), about, central, name);

    const entry = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), about, name, deflated]);
    entries.push(entry);
    offset += entry.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(sorted.length, 8);
  end.writeUInt16LE(sorted.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...entries, ...directory, end]);
}
