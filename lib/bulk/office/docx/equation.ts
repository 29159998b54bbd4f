import { childAt, childrenOf, isElement, type XmlElement } from "#bulk/office/xml.ts";

/** A formula of Office (OMML) on a line: `x = (a+b)/(2)`, `r^2`, `a_1`, `sqrt(x)`. */
export function equationText(node: XmlElement): string {
  const at = (name: string): string => inner(childAt(node, name));
  switch (node.name) {
    case "t":
      return node.children.filter((child) => !isElement(child)).join("");
    case "f":
      return `(${at("num")})/(${at("den")})`;
    case "sSup":
      return `${at("e")}^${grouped(at("sup"))}`;
    case "sSub":
      return `${at("e")}_${grouped(at("sub"))}`;
    case "sSubSup":
      return `${at("e")}_${grouped(at("sub"))}^${grouped(at("sup"))}`;
    case "rad":
      return at("deg") === "" ? `sqrt(${at("e")})` : `root(${at("deg")}, ${at("e")})`;
    case "d":
      return `(${childrenOf(node, "e").map(inner).join(", ")})`;
    default:
      return inner(node);
  }
}

function inner(node: XmlElement | undefined): string {
  return childrenOf(node).map(equationText).join("");
}

function grouped(text: string): string {
  return text.length > 1 ? `(${text})` : text;
}
