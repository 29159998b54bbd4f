import { describe, expect, it } from "vitest";
import { read, relations, zipOf } from "./_office.ts";

const shape = (text: string, placeholder = "") =>
  `<p:sp><p:nvSpPr><p:nvPr>${placeholder && `<p:ph type="${placeholder}"/>`}</p:nvPr></p:nvSpPr>` +
  `<p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp>`;

/** Reads a presentation of one slide with these shapes, and parts that it refers to. */
function readSlide(shapes: string, more: Record<string, readonly [type: string, content: string]> = {}) {
  const xmlns = 'xmlns:p="urn:p" xmlns:a="urn:a" xmlns:r="urn:r" xmlns:dgm="urn:dgm" xmlns:c="urn:c" xmlns:mc="urn:mc"';
  const parts = Object.entries(more);
  const bytes = zipOf({
    "_rels/.rels": relations({ main: ["officeDocument", "ppt/presentation.xml"] }),
    "ppt/presentation.xml": `<p:presentation ${xmlns}><p:sldIdLst><p:sldId r:id="s"/></p:sldIdLst></p:presentation>`,
    "ppt/_rels/presentation.xml.rels": relations({ s: ["slide", "slides/slide1.xml"] }),
    "ppt/slides/slide1.xml": `<p:sld ${xmlns}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:sld>`,
    "ppt/slides/_rels/slide1.xml.rels": relations(
      Object.fromEntries(parts.map(([id, [type]]) => [id, [type, `${id}.xml`] as const])),
    ),
    ...Object.fromEntries(parts.map(([id, [, content]]) => [`ppt/slides/${id}.xml`, content])),
  });
  return read(bytes, ".pptx");
}

describe("a slide", () => {
  it("keeps text in groups and in the first of alternatives", async () => {
    const alternatives = `<mc:AlternateContent><mc:Choice>${shape("chosen")}</mc:Choice><mc:Fallback>${shape("fallback")}</mc:Fallback></mc:AlternateContent>`;
    const { text } = await readSlide(`${shape("Plan", "title")}<p:grpSp>${shape("grouped")}</p:grpSp>${alternatives}`);
    expect(text).toBe("# Plan\n\ngrouped\n\nchosen\n");
  });

  it("has tables with their merged cells once", async () => {
    const cell = (text: string, attributes = "") =>
      `<a:tc ${attributes}><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`;
    const rows = [
      `${cell("Port")}${cell("Service")}`,
      `${cell("all", 'gridSpan="2"')}${cell("hidden", 'hMerge="1"')}`,
    ].map((cells) => `<a:tr>${cells}</a:tr>`);
    const { text } = await readSlide(
      `<p:graphicFrame><a:graphic><a:tbl>${rows.join("")}</a:tbl></a:graphic></p:graphicFrame>`,
    );
    expect(text).toContain("| Port | Service |");
    expect(text).toContain("| all |");
    expect(text).not.toContain("hidden");
  });

  it("has the points of a diagram, and counts charts, headers and footers as left out", async () => {
    const point = (text: string) => `<dgm:pt><dgm:t><a:p><a:r><a:t>${text}</a:t></a:r></a:p></dgm:t></dgm:pt>`;
    const { text, leftOut } = await readSlide(
      `${shape("Steps", "title")}${shape("Second title", "title")}${shape("page 1", "ftr")}${shape("1", "sldNum")}` +
        '<p:graphicFrame><dgm:relIds r:dm="d"/></p:graphicFrame><p:graphicFrame><c:chart r:id="c"/></p:graphicFrame><p:cxnSp/>',
      {
        d: [
          "diagramData",
          `<dgm:dataModel xmlns:dgm="urn:dgm" xmlns:a="urn:a">${point("Plan")}${point("")}${point("Do")}</dgm:dataModel>`,
        ],
        c: ["chart", '<c:chartSpace xmlns:c="urn:c" xmlns:a="urn:a"><a:t>Sales</a:t><c:v>42</c:v></c:chartSpace>'],
      },
    );
    expect(text).toBe("# Steps\n\nSecond title\n\n* Plan\n* Do\n");
    expect(leftOut).toEqual([
      { kind: "charts", characters: 8 },
      { kind: "slide headers and footers", characters: 6 },
    ]);
  });
});
