import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { blocksOf } from "../docs/_pages.ts";

const PAGE = "docs/DEPLOYMENT.md";

/** The steps of a section, and the commands after the last one. */
export interface Section {
  steps: string[];
  after: string[];
}

/**
 * Reads the numbered steps of a section of DEPLOYMENT.
 *
 * @throws Error when a step has not exactly one block of commands, or the numbers are not consecutive
 */
export function stepsOf(heading: string): Section {
  const text = readFileSync(join(ROOT, PAGE), "utf8");
  const [, section = ""] = text.split(new RegExp(`^## ${heading}$`, "m"));
  const [body = ""] = section.split(/^## /m);
  const list = body.slice(Math.max(0, body.search(/^1\. /m)));
  // What is not indented does not belong to a step.
  const end = list.search(/^[^\s\d]/m);
  const steps = list
    .slice(0, end)
    .split(/^(?=\d+\. )/m)
    .map((step, index) => {
      const [block, ...others] = commandsIn(step);
      if (!step.startsWith(`${index + 1}. `)) throw new Error(`step ${index + 1} is missing: ${step.slice(0, 40)}`);
      if (block === undefined || others.length > 0)
        throw new Error(`step ${index + 1} must have one block of commands`);
      return block;
    });
  return { steps, after: commandsIn(list.slice(end)) };
}

function commandsIn(text: string): string[] {
  const blocks = blocksOf({ path: PAGE, text, prose: "" });
  return blocks.filter(({ language }) => language === "sh").map((block) => block.text);
}

/** In capitals, without an underscore, and neither a variable nor a page: `YOUR-CLUSTER`. */
const PLACEHOLDER = /(?<![\w$])[A-Z]{2,}(?:-[A-Z]+)*(?![\w=]|\.md)/g;
/** The end of a here-document, and the beginning. */
const NOT_ONE = "END";

/** Puts values in place of placeholders. @throws Error for a placeholder without a value, or a value without a placeholder */
export function fillIn(commands: readonly string[], values: Readonly<Record<string, string>>): string[] {
  const all = commands.join("\n");
  const used = new Set([...all.matchAll(PLACEHOLDER)].map(([name]) => name).filter((name) => name !== NOT_ONE));
  const unknown = [...used].filter((name) => !Object.keys(values).some((key) => key.includes(name)));
  if (unknown.length > 0)
    throw new Error(`${PAGE} has placeholders that the test does not know: ${unknown.join(", ")}`);
  const unused = Object.keys(values).filter((key) => !all.includes(key));
  if (unused.length > 0) throw new Error(`${PAGE} has no longer ${unused.join(", ")}: remove it from the test`);
  return commands.map((command) =>
    Object.entries(values).reduce((text, [key, value]) => text.replaceAll(key, value), command),
  );
}
