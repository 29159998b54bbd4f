/** Citations side by side: [1], [1, 2][3]. */
const CITATIONS = /(?:\[\d+(?:\s*,\s*\d+)*\][ \t]*)+/g;
/** Paragraphs, rows and items. */
const BLOCK = /\n+/;

/**
 * The parts of an answer by a language model that cite a source: what stands before the citation, in its paragraph and after
 * the one before.
 */
export function statementsOf(answer: string, number: number): string[] {
  return answer.split(BLOCK).flatMap((block) => {
    let start = 0;
    return Array.from(block.matchAll(CITATIONS)).flatMap(({ 0: cited, index }) => {
      const statement = block.slice(start, index);
      start = index + cited.length;
      return numbersIn(cited).includes(number) ? [statement] : [];
    });
  });
}

/** The quotations of a source in an answer that is made of them, without the paths of their headings. */
export function quotationsOf(answer: string, number: number): string[] {
  return answer.split("\n\n").flatMap((passage) => {
    const isCited = Array.from(passage.matchAll(CITATIONS)).some(({ 0: cited }) => numbersIn(cited).includes(number));
    return isCited ? [passage.replace(/^.*\n/, "").replace(CITATIONS, "")] : [];
  });
}

/** The numbers in a run of citations, each once. */
export function numbersIn(citations: string): number[] {
  return [...new Set(citations.match(/\d+/g)?.map(Number))];
}
