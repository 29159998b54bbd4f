import { pullRequestOf } from "./stages.ts";

/**
 * Of the stages that are deployed, those of pull requests that are not open: no other stage, whatever its name.
 *
 * @param open numbers of the open pull requests
 */
export function closedPreviews(stages: readonly string[], open: readonly number[]): string[] {
  return stages.filter((stage) => {
    const number = pullRequestOf(stage);
    return number !== undefined && !open.includes(number);
  });
}
