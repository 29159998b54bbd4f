import { Parser } from "htmlparser2";
import { UnreadableError } from "#bulk/readers/unreadable.ts";

export interface XmlElement {
  /** Without its prefix. */
  name: string;
  /** As it is written. */
  tag: string;
  /** By name, with the prefix if it has one. */
  attributes: Readonly<Record<string, string>>;
  children: XmlNode[];
}

export type XmlNode = XmlElement | string;

/** What follows recurses. */
const MAX_DEPTH = 500;

export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>, tag: string): void;
  text(text: string): void;
  close(name: string): void;
}

/** Reads XML from its beginning to its end. Entities that the text declares are not expanded, and nothing is fetched. */
export function scanXml(source: string, handler: XmlHandler): void {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => handler.open(localName(name), attributes, name),
      ontext: (text) => handler.text(text),
      onclosetag: (name) => handler.close(localName(name)),
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(source);
  parser.end();
}

/**
 * The tree of an XML text, under a nameless root.
 *
 * @throws UnreadableError when it is nested more than 500 levels deep
 */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: "", tag: "", attributes: {}, children: [] };
  const open = [root];
  scanXml(source, {
    open(name, attributes, tag) {
      const element: XmlElement = { name, tag, attributes, children: [] };
      open.at(-1)?.children.push(element);
      open.push(element);
      if (open.length > MAX_DEPTH) throw new UnreadableError("nested too deeply: simplify it, or save it as text");
    },
    text: (text) => void open.at(-1)?.children.push(text),
    close: () => void open.pop(),
  });
  return root;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

export function isElement(node: XmlNode): node is XmlElement {
  return typeof node !== "string";
}

/** The elements with one of these names directly within, or all of them. */
export function childrenOf(element: XmlElement | undefined, ...names: readonly string[]): XmlElement[] {
  const elements = element?.children.filter(isElement) ?? [];
  return names.length === 0 ? elements : elements.filter(({ name }) => names.includes(name));
}

/** The first element at a path of names. */
export function childAt(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((parent, name) => childrenOf(parent, name)[0], element);
}

/** Every element of that name within, in order. */
export function* descendants(element: XmlElement | undefined, name: string): Generator<XmlElement> {
  for (const child of childrenOf(element)) {
    if (child.name === name) yield child;
    yield* descendants(child, name);
  }
}

/** An attribute with this name, whatever its prefix; with a colon before it, one with a prefix. */
export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  if (element === undefined) return undefined;
  const exact = element.attributes[name];
  if (exact !== undefined) return exact;
  const suffix = name.startsWith(":") ? name : `:${name}`;
  const key = Object.keys(element.attributes).find((candidate) => candidate.endsWith(suffix));
  return key === undefined ? undefined : element.attributes[key];
}

/** All text within. */
export function textIn(node: XmlNode): string {
  return isElement(node) ? node.children.map(textIn).join("") : node;
}

/** All text within elements of that name, such as `w:t`. */
export function textOfAll(element: XmlElement | undefined, name: string): string {
  return [...descendants(element, name)].map(textIn).join(" ");
}

export function writeXml(node: XmlNode): string {
  if (!isElement(node)) return escaped(node);
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  const content = node.children.map(writeXml).join("");
  return node.tag === "" ? content : `<${node.tag}${attributes.join("")}>${content}</${node.tag}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
