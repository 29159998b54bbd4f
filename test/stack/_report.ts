/** Prints a measurement next to its goal. */
export function figure(what: string, goal: string, measured: readonly string[]): void {
  console.log(`▸ ${what}\n    goal: ${goal}\n    measured: ${measured.join(", ")}`);
}
