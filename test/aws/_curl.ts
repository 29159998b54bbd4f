/** Runs the program CURL with the arguments, in which URLs at AWS lead to the emulator at AWS_ENDPOINT_URL. */
import { spawnSync } from "node:child_process";
import { addressOf } from "./_address.ts";

const { CURL = "", AWS_ENDPOINT_URL = "" } = process.env;
const args = process.argv.slice(2).map((arg) => addressOf(arg, AWS_ENDPOINT_URL));
process.exitCode = spawnSync(CURL, args, { stdio: "inherit" }).status ?? 1;
