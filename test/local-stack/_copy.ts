import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Copies what git sees of this project into a temporary folder, which the caller removes; packages are linked.
 *
 * @param absent matches the paths to leave out, which have "/" between folders
 */
export function copyProject(absent: RegExp): string {
  const root = mkdtempSync(join(tmpdir(), "edge-rag-copy-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  for (const path of listed.toString().split("\0")) {
    if (path !== "" && !absent.test(path) && existsSync(path)) cpSync(path, join(root, path));
  }
  symlinkSync(join(process.cwd(), "node_modules"), join(root, "node_modules"));
  return root;
}
