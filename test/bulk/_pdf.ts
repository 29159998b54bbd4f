/** A small PDF: a page for each text, none of it compressed (ISO 32000-1, 7.5). */
export function pdfOf(
  pages: readonly string[],
  { title, password = false }: { title?: string; password?: boolean } = {},
) {
  const first = 4;
  const kids = pages.map((_, index) => `${first + 2 * index} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...pages.flatMap((text, index) => {
      const lines = text.split("\n").map((line) => `(${line}) Tj T*`);
      const content = text === "" ? "" : `BT /F1 12 Tf 14 TL 72 700 Td ${lines.join(" ")} ET`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${first + 2 * index + 1} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
    `<< ${title === undefined ? "" : `/Title (${title})`} >>`,
  ];
  const info = objects.length;
  // Keys that no password fits: the reader has to ask for one.
  if (password) objects.push(`<< /Filter /Standard /V 1 /R 2 /P -4 /O <${"ab".repeat(32)}> /U <${"cd".repeat(32)}> >>`);
  let body = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const encrypt = password ? ` /Encrypt ${objects.length} 0 R /ID [<00> <00>]` : "";
  const trailer = `<< /Size ${objects.length + 1} /Root 1 0 R /Info ${info} 0 R${encrypt} >>`;
  return Buffer.from(
    `${body}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n${trailer}\nstartxref\n${body.length}\n%%EOF\n`,
    "latin1",
  );
}
