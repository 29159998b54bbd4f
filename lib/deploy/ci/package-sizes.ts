/** `node lib/deploy/ci/package-sizes.ts [FOLDER]`: size in bytes of each zip file of a package, by name, as JSON. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const [folder = ".serverless"] = process.argv.slice(2);
const zips = readdirSync(folder).filter((file) => file.endsWith(".zip"));
// query-93623d58e412.zip: the rest of the name is a hash of its content.
const sizes = zips.map((file) => [file.replace(/(-[0-9a-f]{12})?\.zip$/, ""), statSync(join(folder, file)).size]);
process.stdout.write(`${JSON.stringify(Object.fromEntries(sizes))}\n`);
