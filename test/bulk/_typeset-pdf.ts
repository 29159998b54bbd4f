/** A text at a place on a page: points from the left and from the top. */
export interface Placed {
  text: string;
  x: number;
  y: number;
  size?: number;
  font?: "Helvetica" | "Helvetica-Bold" | "Courier";
}

const FONTS = ["Helvetica", "Helvetica-Bold", "Courier"];
const HEIGHT = 792;

/** A PDF with texts at given places, in the order in which they are drawn; "•" and letters of Latin-1 as in WinAnsiEncoding. */
export function typesetPdf(pages: readonly (readonly Placed[])[], title = ""): Buffer {
  const first = 3 + FONTS.length;
  const kids = pages.map((_, index) => `${first + 2 * index} 0 R`).join(" ");
  const fonts = FONTS.map((_, index) => `/F${index} ${3 + index} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    ...FONTS.map((name) => `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`),
    ...pages.flatMap((texts, index) => {
      const content = texts.map(drawn).join("\n");
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 ${HEIGHT}] /Resources << /Font << ${fonts} >> >> /Contents ${first + 2 * index + 1} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
    `<< /Title (${title.replace(/[()\\]/g, "\\$&")}) >>`,
  ];
  const body = objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join("");
  // Without a table of objects: readers rebuild it.
  const trailer = `trailer << /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\n%%EOF\n`;
  return Buffer.from(`%PDF-1.4\n${body}${trailer}`, "latin1");
}

function drawn({ text, x, y, size = 10, font = "Helvetica" }: Placed): string {
  const encoded = text.replace(/[()\\]/g, "\\$&").replaceAll("•", "\u0095");
  return `BT /F${FONTS.indexOf(font)} ${size} Tf ${x} ${HEIGHT - y} Td (${encoded}) Tj ET`;
}

/** Lines below each other. */
export function linesAt(x: number, y: number, lines: readonly string[], style: Partial<Placed> = {}): Placed[] {
  return lines.map((text, index) => ({ x, y: y + 12 * index, text, ...style }));
}
