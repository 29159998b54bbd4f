import type { Element } from "hast";
import { attribute, isElement, namesOf, type Parent, textOf } from "./nodes.ts";

/** A label of a control has few words; a longer one is a card or a question that can be clicked. */
const MAX_LABEL_WORDS = 3;
/** Such as "Copy code to the clipboard", in code. */
const MAX_CODE_LABEL_WORDS = 6;
const OPENS = /^(?:accordion\w*|collaps\w*|expand\w*|faq|question|toggle\w*|tab|tabs|tablinks?)$/;

/** Whether a button opens what follows it: an accordion's, or the tab of a panel. */
export function isOpener(node: Element): boolean {
  if (!isElement(node, "button") && attribute(node, "role") !== "button") return false;
  return (
    ["ariaExpanded", "ariaControls", "dataToggle", "dataTarget", "dataBsToggle", "dataBsTarget"].some(
      (name) => attribute(node, name) !== "",
    ) ||
    attribute(node, "role") === "tab" ||
    namesOf(node).some((name) => OPENS.test(name))
  );
}

/** Whether the text of a button is the label of a control, such as "Copy" and "Menu", and says nothing else. */
export function isControlOnly(node: Element, parent: Parent): boolean {
  if (isElement(parent, "h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary", "legend")) return false;
  const label = textOf(node);
  if (isElement(parent, "pre", "code")) return label.split(" ").length <= MAX_CODE_LABEL_WORDS;
  const isAlone = textOf(parent) === label;
  const isShort = label.split(" ").length <= MAX_LABEL_WORDS && !/[?？]$/.test(label);
  const names = ["ariaControls", "dataTarget", "dataBsTarget"].some((name) => attribute(node, name) !== "");
  if (isOpener(node) && isAlone && isShort && !names) return true;
  if (isOpener(node)) return label === "" || /^menu$|^toggle\b/i.test(label);
  if (!isShort) return false;
  // In a sentence: "Press <button>Save</button> twice".
  const around = parent.children.filter((child) => child !== node && !isElement(child, "button", "input", "label"));
  const isInSentence = isElement(parent, "p", "li", "td", "dd", "span") && around.some((child) => textOf(child) !== "");
  return !isInSentence;
}
