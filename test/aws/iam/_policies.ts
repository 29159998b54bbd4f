import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { virtualEnvironment } from "../../support/python/environment.ts";
import { ACCOUNT } from "../_emulator.ts";
import { type Environment, readPage } from "./_page.ts";

/** A call as IAM sees it. */
export interface Request {
  action: string;
  resource: string;
  /** Values of condition keys, by name in lower case. */
  context?: Readonly<Record<string, string>>;
}

export type Decision = "Allow" | "Deny" | "ImplicitDeny";

/** Ids that the limits of previews are filled with here. */
export const API_IDS = { staging: "stagingapi", production: "productapi" };

/** In place of AWS' command line: prints the account, and the id of a stage's API. */
const AWS = `aws() {
  case "$*" in
    *get-caller-identity*) echo ${ACCOUNT} ;;
    *edge-rag-staging*) echo ${API_IDS.staging} ;;
    *edge-rag-production*) echo ${API_IDS.production} ;;
  esac
}
`;

/**
 * The policies of docs/WORKFLOWS.md, with the placeholders filled in by the page's own commands.
 *
 * @returns the documents in JSON, by file name: `deploy-staging.json`, `limits-preview.json`, `boundary.json` …
 */
export function filledPolicies(): Map<string, string> {
  const page = readPage();
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-policies-"));
  try {
    for (const [name, text] of Object.entries(page.files)) writeFileSync(join(folder, name), text);
    const environments = ["preview", "staging", "production"] satisfies Environment[];
    for (const commands of [...environments.map(page.createRole), page.limitPreviews]) {
      execFileSync("bash", ["-euc", AWS + commands], { cwd: folder });
    }
    const made = readdirSync(folder).filter((name) => name === "boundary.json" || !(name in page.files));
    return new Map(made.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Evaluator {
  /** Whether the policies, and the boundary if there is one, allow the requests, in their order. */
  decide(policies: readonly string[], requests: readonly Request[], boundary?: string): Promise<Decision[]>;
  stop(): void;
}

/** Starts MiniStack's evaluator of policies. */
export function startEvaluator(): Evaluator {
  const python = join(virtualEnvironment("ministack"), "python");
  const child = spawn(python, [join(import.meta.dirname, "evaluate.py")], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async decide(policies, requests, boundary) {
      const given = { policies, boundary: boundary === undefined ? [] : [boundary] };
      const withContext = requests.map(({ context = {}, ...request }) => ({ ...request, context }));
      child.stdin.write(`${JSON.stringify({ ...given, requests: withContext })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error("the evaluator of policies ended: its error is above");
      return JSON.parse(value) as Decision[];
    },
    stop: () => child.stdin.end(),
  };
}

/** The requests that are not allowed, with their decisions. */
export function refused(decisions: readonly Decision[], requests: readonly Request[]): string[] {
  return requests.flatMap(({ action, resource }, index) =>
    decisions[index] === "Allow" ? [] : [`${decisions[index]}: ${action} on ${resource}`],
  );
}
