import type { Element, Root, RootContent } from "hast";
import { visibleText } from "#rag/visible.ts";
import { isControlOnly } from "./controls.ts";
import { visibilityOf } from "./hidden.ts";
import type { Account } from "./left-out.ts";
import { measured } from "./links.ts";
import { mathText } from "./math.ts";
import { attribute, element, elementsIn, isElement, type Parent, setChildren, text, textOf } from "./nodes.ts";
import { parseHtml } from "./parse.ts";

/** Never seen as text. What a script would draw is not there. */
const NO_TEXT = new Set(
  "script style link meta base title param source track area col colgroup datalist embed".split(" "),
);
const MAX_FRAMES = 100;
const LEAST_LETTERS = 20;
/** More are all countries, or all hours. */
const MAX_OPTIONS = 50;
/** Such as IMG_2021.jpg: no description. */
const FILE_NAME = /^[^\s]+\.(?:png|jpe?g|gif|svg|webp|bmp|avif|tiff?)$/i;

/**
 * Leaves in the tree, in place, what a reader can see or open, with images, formulas, drawings and frames as their text.
 *
 * @param account gets what is left out: what is hidden for good, buttons and drawings
 */
export function keepVisible(page: Root, account: Account): void {
  const { isHidden } = visibilityOf(page);
  let frames = 0;

  const visit = (parent: Parent): void => {
    setChildren(
      parent,
      (parent.children as RootContent[]).flatMap((child) => seen(child, parent)),
    );
  };

  function seen(node: RootContent, parent: Parent): RootContent[] {
    if (node.type === "text") return [text(visibleText(node.value))];
    if (!isElement(node)) return [];
    if (NO_TEXT.has(node.tagName)) return isElement(parent, "head") ? [node] : [];
    if (isHidden(node)) return leaveOut("hidden", node);
    switch (node.tagName) {
      case "template":
        // A shadow root that is declared in the page is shown in the place of its host's children.
        if (!("shadowRootMode" in node.properties || "shadowrootmode" in node.properties)) return [];
        return within(element("div", node.content?.children.filter((child) => child.type !== "doctype") ?? []));
      case "iframe":
        return framed(node);
      case "dialog":
        return leaveOut("dialog", node);
      case "img":
      case "image":
        return described(attribute(node, "alt"), attribute(node, "src"));
      case "svg":
        return drawing(node);
      case "canvas":
        return leaveOut("drawing", node);
      case "math":
        return [text(mathText(node))];
      case "audio":
      case "video":
      case "picture":
      case "object":
        return within(element("span", node.children));
      case "menu":
        return within({ ...node, tagName: "ul" });
      case "select":
        return choices(node);
      case "input":
        return input(node, parent);
      case "button":
        if (isControlOnly(node, parent)) return leaveOut("button", node);
        return within(node);
      default:
        return within(node);
    }
  }

  function within(node: Element): RootContent[] {
    visit(node);
    return [node];
  }

  function leaveOut(kind: string, node: Element): RootContent[] {
    account.add(kind, node);
    return [];
  }

  function choices(node: Element): RootContent[] {
    const options = optionsOf(node);
    return options.length > MAX_OPTIONS ? leaveOut("choices", node) : [text(options.join(", "))];
  }

  function framed(node: Element): RootContent[] {
    const source = attribute(node, "srcDoc");
    frames += 1;
    if (source === "" || frames > MAX_FRAMES) return [];
    const inner = parseHtml(source);
    const html = inner.children.find((child) => isElement(child, "html"));
    const body = isElement(html) ? html.children.find((child) => isElement(child, "body")) : undefined;
    return isElement(body) ? within({ ...body, tagName: "div" }) : [];
  }

  /** The description of a drawing, and the words in it. */
  function drawing(node: Element): RootContent[] {
    const words = [...elementsIn(node)].filter((inner) => isElement(inner, "text", "foreignObject"));
    const titles = node.children.filter((child) => isElement(child, "title", "desc"));
    const description = attribute(node, "ariaLabel") || titles.map(textOf).join(". ");
    return described([description, ...words.map(textOf)].filter(Boolean).join(" "), "");
  }

  visit(page);
  leaveOutNoScript(page, account);
}

/** What is shown where scripts do not run is content only of a page that has no other. */
function leaveOutNoScript(page: Root, account: Account): void {
  const all = [...elementsIn(page)].filter((node) => isElement(node, "noscript"));
  const inner = new Set(all.flatMap((node) => [...elementsIn(node)]));
  const found = all.filter((node) => !inner.has(node));
  for (const node of inner) if (isElement(node, "noscript")) Object.assign(node, { tagName: "div" });
  const body = [...elementsIn(page)].find((node) => isElement(node, "body")) ?? element("body", []);
  const letters = found.reduce((sum, node) => sum + measured(node).letters, 0);
  const isContent = measured(body).letters - letters < LEAST_LETTERS;
  for (const node of found) {
    Object.assign(node, { tagName: "div" });
    if (isContent) continue;
    account.add("text for browsers without scripts", node);
    setChildren(node, []);
  }
}

function described(description: string, source: string): RootContent[] {
  const words = description.trim();
  if (!/[\p{L}\p{N}]/u.test(words) || FILE_NAME.test(words) || source.split("/").at(-1) === words) return [];
  // What is small enough to be in the page itself is an icon, unless somebody describes it.
  if (source.startsWith("data:") && !words.includes(" ")) return [];
  return [text(words)];
}

function optionsOf(node: Element): string[] {
  return node.children.flatMap((child) => {
    if (!isElement(child)) return [];
    return isElement(child, "option") ? [textOf(child)].filter(Boolean) : optionsOf(child);
  });
}

/** A check box says something in a list of tasks; a field that cannot be edited is text. */
function input(node: Element, parent: Parent): RootContent[] {
  const type = attribute(node, "type").toLowerCase();
  if (type === "checkbox") return isElement(parent, "li", "p") ? [node] : [];
  const isFixed = "readOnly" in node.properties || "disabled" in node.properties;
  const isText = !/^(?:hidden|submit|button|reset|image|password|radio|file|color|range)$/.test(type);
  return isFixed && isText ? [text(attribute(node, "value"))] : [];
}
