import { createFileReader, type FileReader, type ReadLimits } from "#bulk/file-reader.ts";

/**
 * A file reader that takes any number of calls and reads one file after the other. Its process starts with the first file,
 * and ends after `idleMs` milliseconds without one.
 */
export function createIdleReader(limits: ReadLimits, idleMs: number): Pick<FileReader, "read" | "close"> {
  const reader = createFileReader([], limits);
  let last: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  return {
    read(file, signal) {
      const reading = last.then(() => {
        clearTimeout(idle);
        return reader.read(file, signal);
      });
      last = reading.then(
        () => {},
        () => {},
      );
      void last.then(() => {
        clearTimeout(idle);
        idle = setTimeout(() => reader.close(), idleMs).unref();
      });
      return reading;
    },
    close() {
      clearTimeout(idle);
      reader.close();
    },
  };
}
