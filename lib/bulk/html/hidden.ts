import type { Element, Root } from "hast";
import { attribute, elementsIn, isElement, namesOf, textOf } from "./nodes.ts";

const NOT_SHOWN = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i;
/** What a reader opens with a click. */
const OPENED =
  /^(?:tab|tabs|tabpanel|tabcontent|pane|panel|accordion\w*|collaps\w*|expand\w*|toggle\w*|details?|faq|answer|spoiler|slide|carousel|step|more)$/;
const MAX_SCRIPT = 500_000;

/** Tells for the elements of a page whether they are hidden at first, and for good. */
export interface Visibility {
  isHidden(node: Element): boolean;
}

/**
 * What is hidden when the page is loaded and can be opened by a reader is content: a panel of tabs or of an accordion, and
 * whatever a link, a button or a script of the page names by its id or class.
 */
export function visibilityOf(page: Root): Visibility {
  const controlled = new Set<string>();
  const scripts: string[] = [];
  for (const node of elementsIn(page)) {
    for (const name of ["ariaControls", "dataTarget", "dataBsTarget", "dataHref"]) {
      for (const id of attribute(node, name).split(/\s+/)) controlled.add(id.replace(/^#/, ""));
    }
    const href = attribute(node, "href");
    if (href.startsWith("#")) controlled.add(href.slice(1));
    if (/^javascript:/i.test(href)) scripts.push(href);
    scripts.push(attribute(node, "onClick"));
    if (isElement(node, "script") && attribute(node, "src") === "") {
      scripts.push(node.children.map((child) => (child.type === "text" ? child.value : "")).join(""));
    }
  }
  controlled.delete("");
  const script = scripts.join("\n").slice(0, MAX_SCRIPT);
  const isNamed = (name: string): boolean => {
    if (name.length < 3) return false;
    return [`"${name}"`, `'${name}'`, `\`${name}\``, `#${name}`, `.${name}`].some((form) => script.includes(form));
  };

  function canBeOpened(node: Element): boolean {
    const id = attribute(node, "id");
    if (attribute(node, "role") === "tabpanel" || attribute(node, "hidden") === "until-found") return true;
    if (controlled.has(id) || (id !== "" && isNamed(id)) || namesOf(node).some((name) => OPENED.test(name)))
      return true;
    return attribute(node, "className").split(" ").some(isNamed);
  }

  return {
    isHidden(node) {
      const isHidden = "hidden" in node.properties && node.properties.hidden !== false;
      if (isHidden || NOT_SHOWN.test(attribute(node, "style"))) return !canBeOpened(node);
      // Hidden from screen readers only: an icon, or the copy of what is there in another form.
      return attribute(node, "ariaHidden") === "true" && !isProse(node) && !canBeOpened(node);
    },
  };
}

function isProse(node: Element): boolean {
  return !namesOf(node).includes("katex-html") && /\p{L}+\P{L}+\p{L}+\P{L}+\p{L}/u.test(textOf(node));
}
