import { pullRequestOf } from "#deploy/stack/stages.ts";

/** What a stage left behind. */
export interface Remains {
  stage: string;
  hasStack: boolean;
  /** Those in Qdrant. */
  collections: string[];
}

/** A stack is `edge-rag-pr-7`; so is an alias, which leads to a collection `edge-rag-pr-7_v1`. */
const PREVIEW = /^edge-rag-(pr-[1-9]\d*)(_v\d+)?$/;

/** What belongs to stages of pull requests, of all stacks and collections there are; of no other stage, whatever its name. */
export function previewsIn(stacks: readonly string[], collections: readonly string[]): Remains[] {
  const found = new Map<string, Remains>();
  const of = (name: string, isStack: boolean): Remains | undefined => {
    const [, stage, version] = PREVIEW.exec(name) ?? [];
    if (stage === undefined || (isStack && version !== undefined)) return undefined;
    const remains = found.get(stage) ?? { stage, hasStack: false, collections: [] };
    found.set(stage, remains);
    return remains;
  };
  for (const stack of stacks) {
    const remains = of(stack, true);
    if (remains) remains.hasStack = true;
  }
  for (const collection of collections) of(collection, false)?.collections.push(collection);
  return [...found.values()];
}

/** Those of pull requests that are not open. @param open numbers of all that are */
export function closedPreviews(previews: readonly Remains[], open: readonly number[]): Remains[] {
  return previews.filter(({ stage }) => {
    const number = pullRequestOf(stage);
    return number !== undefined && !open.includes(number);
  });
}
