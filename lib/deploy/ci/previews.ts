import { pullRequestOf } from "#deploy/stack/stages.ts";

/** Resources of a stage that still exist. */
export interface Remains {
  stage: string;
  hasStack: boolean;
  /** In Qdrant. */
  collections: string[];
}

/** Stacks and aliases are named `edge-rag-pr-7`; the alias points to a collection `edge-rag-pr-7_v1`. */
const PREVIEW = /^edge-rag-(pr-[1-9]\d*)(_v\d+)?$/;

/** The stages of pull requests among all stacks and collections. Other stages are never included. */
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

/** Previews of closed pull requests. @param open numbers of all open ones */
export function closedPreviews(previews: readonly Remains[], open: readonly number[]): Remains[] {
  return previews.filter(({ stage }) => {
    const number = pullRequestOf(stage);
    return number !== undefined && !open.includes(number);
  });
}
