/** Bodies of `POST /embed` that ask for the most work, each close to the limit of 6 MiB or of a document. */
const MAX_TEXT = 2_990_000;
const of = (...documents: object[]) => JSON.stringify({ documents });
const text = (text: string) => of({ id: "worst", text });
const fill = (part: string) => part.repeat(Math.floor(MAX_TEXT / part.length));
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));

function headings(): string {
  const outer = [1, 2, 3, 4, 5].map((level) => `${"#".repeat(level)} ${"h".repeat(490)}\n`).join("");
  return of({ id: "worst", title: "t".repeat(1_000), text: outer + fill("###### a\nb\n").slice(outer.length) });
}

/** Sentences that differ, so that each is embedded: those of other inputs come from the cache. */
function prose(): string {
  const sentences = Array.from(
    { length: 48_000 },
    (_, index) => `The quick fox number ${index} jumps over another dog. `,
  );
  return text(sentences.join("\n"));
}

export const INPUTS: Record<string, () => string> = {
  "270,000 sections under 2.5 KB of headings": headings,
  "metadata of 130,000 keys": () => of({ id: "worst", text: "t", metadata: keys(130_000) }),
  "metadata of 400,000 keys": () => of({ id: "worst", text: "t", metadata: keys(400_000) }),
  "1,000 documents with 100 wrong topics and 64 wrong values": () =>
    of(
      ...Array.from({ length: 1_000 }, (_, index) => ({
        id: `${index}`,
        text: "t",
        topic_ids: Array(100).fill("x"),
        metadata: Object.fromEntries(Array.from({ length: 64 }, (_, key) => [key, null])),
      })),
    ),
  "3,000,000 spaces": () => text(`axolotl regrow${" ".repeat(MAX_TEXT - 20)}limb`),
  "1,500,000 line breaks": () => text(`dugong seagrass${"\r\n".repeat(MAX_TEXT / 2 - 10)}end`),
  "3,000,000 dots": () => text(fill(".")),
  "3,000,000 accents on one letter": () => text(`a${"\u0301".repeat(MAX_TEXT - 1)}`),
  "1,000,000 paragraphs": () => text(fill("a\n\n")),
  "2,500,000 characters of prose": prose,
  "2,000,000 Chinese characters": () => text("東京都の人口は多い。".repeat(200_000)),
};
