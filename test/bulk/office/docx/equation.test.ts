import { expect, it } from "vitest";
import { equationText } from "#bulk/office/docx/equation.ts";
import { childrenOf, parseXml } from "#bulk/office/xml.ts";

const t = (text: string) => `<r><t>${text}</t></r>`;
const e = `<e>${t("x")}</e>`;

it.each([
  ["a fraction", `<f><num>${t("a+b")}</num><den>${t("2")}</den></f>`, "(a+b)/(2)"],
  ["a power", `<sSup>${e}<sup>${t("10")}</sup></sSup>`, "x^(10)"],
  ["an index", `<sSub>${e}<sub>${t("1")}</sub></sSub>`, "x_1"],
  ["both", `<sSubSup>${e}<sub>${t("1")}</sub><sup>${t("2")}</sup></sSubSup>`, "x_1^2"],
  ["a square root", `<rad><deg/>${e}</rad>`, "sqrt(x)"],
  ["another root", `<rad><deg>${t("3")}</deg>${e}</rad>`, "root(3, x)"],
  ["parentheses", `<d>${e}<e>${t("y")}</e></d>`, "(x, y)"],
])("%s is written on a line", (_, xml, text) => {
  const [formula] = childrenOf(parseXml(`<oMath>${xml}</oMath>`));
  expect(formula && equationText(formula)).toBe(text);
});
