import type { Element } from "hast";
import type { Handle as MdastHandle, State as MdastState } from "hast-util-to-mdast";
import { toMdast } from "hast-util-to-mdast";
import type { BlockContent, Nodes, PhrasingContent } from "mdast";
import { gfmToMarkdown } from "mdast-util-gfm";
import { type Handle, toMarkdown } from "mdast-util-to-markdown";
import { type Definition, definitionsOf, isOneLine, termsOf } from "./definitions.ts";
import { element, text, textOf } from "./nodes.ts";

/** What would make a heading, a rule or the fence of code of ordinary text. */
const STRUCTURE = /^(?:#{1,6}(?=\s|$)|`{3,}|~{3,}|(?:=+|-+)\s*$)/;
/** A tag, a comment or a name in underscores that the page shows: as code nobody takes it for markup. Not an address. */
const LOOKS_LIKE_MARKUP =
  /<(?!\w+:|[^\s<>]+@)\/?[A-Za-z][^<>`\n]{0,200}>|<!--[^<>`\n]{0,200}-->|(?<![\w`])__\w{1,100}__(?!\w)/g;
const WORD = /[\p{L}\p{N}]/u;

/**
 * Prepared content as Markdown that is read as text: nothing is escaped but what would be a heading, code or the end of a
 * table cell, so that words and names in it are found as they are.
 */
export function markdownOf(content: Element): string {
  const tree = toMdast(content, { handlers: { dl: definitionList, input: checkBox, q: quoted } });
  return toMarkdown(tree as Nodes, {
    extensions: [gfmToMarkdown({ tablePipeAlign: false })],
    handlers: {
      text: textHandler,
      strong: marked("**"),
      emphasis: marked("*"),
      delete: marked("~~"),
      break: lineBreak,
      link,
    },
    bullet: "*",
    rule: "-",
  });
}

const textHandler: Handle = (node, _parent, state, { before }) => {
  let value: string = node.value.replace(LOOKS_LIKE_MARKUP, "`$&`");
  if (state.stack.includes("tableCell")) return value.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
  if (before === "\n" || before === "") value = value.replace(STRUCTURE, "\\$&");
  return value;
};

/** Within a word, marks of emphasis would split it. */
function marked(mark: string): Handle {
  const handle: Handle = (node, _parent, state, info) => {
    const value = state.containerPhrasing(node, { ...info, before: mark, after: mark });
    const inner = value.trim();
    const isInWord = [info.before.slice(-1), info.after.slice(0, 1)].some(
      (beside) => beside === "*" || WORD.test(beside),
    );
    if (!WORD.test(inner) || inner !== value || isInWord || value.startsWith("*") || value.endsWith("*")) return value;
    return mark + value + mark;
  };
  // What a sentence before it has to know: the first character.
  return Object.assign(handle, { peek: () => mark.slice(0, 1) });
}

/** An address that is its own text stands alone; in others, what would end the link is encoded. */
const link: Handle = (node, _parent, state, info) => {
  const label = state.containerPhrasing(node, { ...info, before: "[", after: "]" });
  const url = String(node.url).replace(/[\s()<>]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  if (label.trim() === "") return "";
  return url.replace(/^mailto:/, "") === label ? label : `[${label}](${url})`;
};

const lineBreak: Handle = (_node, _parent, state) =>
  state.stack.some((part) => part === "tableCell" || part === "headingAtx") ? " " : "\n";

/** "`--jobs` n: Runs at most that many builds." An item for each term, which stays with its definition. */
const definitionList: MdastHandle = (state, list) => {
  const children = definitionsOf(list).map((definition) => {
    const blocks = itemOf(state, definition);
    return { type: "listItem" as const, spread: blocks.length > 1, checked: null, children: blocks };
  });
  if (children.length === 0) return undefined;
  return { type: "list", ordered: false, start: null, spread: false, children };
};

function itemOf(state: MdastState, definition: Definition): BlockContent[] {
  const terms = termsOf(definition);
  const bodies = definition.bodies.map((body) =>
    body.type === "element" && body.tagName === "dd" ? element("div", body.children) : body,
  );
  if (terms.length === 0) return flow(state, bodies);
  const hasColon = /[:：?？]$/.test(textOf(element("p", terms)));
  const colon = bodies.length > 0 ? [text(hasColon ? " " : ": ")] : [];
  if (!isOneLine(definition)) return flow(state, [element("p", [...terms, ...colon]), ...bodies]);
  const line = [
    ...terms,
    ...colon,
    ...bodies.flatMap((body) => ("children" in body ? body.children : [])).flatMap(unwrapped),
  ];
  return flow(state, [element("p", line)]);
}

function unwrapped(node: Element["children"][number] | Definition["bodies"][number]): Element["children"] {
  return node.type === "element" && node.tagName === "p" ? node.children : [node as Element];
}

function flow(state: MdastState, children: Parameters<typeof element>[1]): BlockContent[] {
  return state.toFlow(state.all(element("div", children))) as BlockContent[];
}

const checkBox: MdastHandle = (_state, node) => (node.properties.checked ? { type: "text", value: "[x] " } : undefined);

const quoted: MdastHandle = (state, node) => [
  { type: "text", value: "“" },
  ...(state.all(node) as PhrasingContent[]),
  { type: "text", value: "”" },
];
