import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes the folder of a file, and checks that the file can be written, before anything is measured for minutes.
 *
 * @throws Error in one line
 */
export function prepareFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
  } catch (cause) {
    throw new Error(`--save ${file}: it cannot be written (${(cause as Error).message})`, { cause });
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`--save ${file}: it is a folder`);
}

export function saveJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value)}\n`);
}
