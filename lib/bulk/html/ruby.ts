import type { Element, RootContent } from "hast";
import { isElement, text, textOf } from "./nodes.ts";

/** A run of ruby elements as one text, "東京(とうきょう)": the words stay whole, and their reading follows. */
export function rubyText(run: readonly Element[]): RootContent {
  const readings = run.map((node) => readingOf(node)).join("");
  const words = run.map((node) => wordsOf(node)).join("");
  return text(readings === "" ? words : `${words}(${readings})`);
}

function readingOf(node: Element): string {
  return node.children.map((child) => (isElement(child, "rt", "rtc") ? textOf(child) : "")).join("");
}

function wordsOf(node: Element): string {
  return node.children.map((child) => (isElement(child, "rt", "rp", "rtc") ? "" : textOf(child))).join("");
}
