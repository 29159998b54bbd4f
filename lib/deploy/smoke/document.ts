import { randomBytes, randomUUID } from "node:crypto";

/** A unique document, and a question that only it answers. */
export interface SmokeDocument {
  id: string;
  title: string;
  text: string;
  metadata: { made_by: string };
  question: string;
}

/** Its content is new in every run, so that nothing cached or stored can be mistaken for it. */
export function createDocument(): SmokeDocument {
  const [lighthouse, village] = [word(), word()];
  return {
    id: `smoke-${randomUUID()}`,
    title: `The lighthouse of ${lighthouse}`,
    text: `The ${lighthouse} lighthouse keeps its spare lamp in the harbour office of ${village}, behind the tide tables.`,
    metadata: { made_by: "npm run smoke" },
    question: `Where does the ${lighthouse} lighthouse keep its spare lamp?`,
  };
}

/** A name of five syllables: one of 70 to the power of 5. */
function word(): string {
  const syllables = Array.from(randomBytes(5), (byte) => {
    const [consonants, vowels] = ["bdfgklmnprstvz", "aeiou"];
    return `${consonants[byte % consonants.length]}${vowels[Math.floor(byte / consonants.length) % vowels.length]}`;
  });
  const name = syllables.join("");
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
