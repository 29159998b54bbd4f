import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  advance(): void;
  end(): void;
}

/** A progress bar on standard error; nothing where that is not a terminal. */
export function progress(title: string, total: number): Progress {
  const bar = new SingleBar(
    { format: `${title} {bar} {value}/{total}`, clearOnComplete: true },
    Presets.shades_classic,
  );
  if (process.stderr.isTTY) bar.start(total, 0);
  return { advance: () => bar.increment(), end: () => bar.stop() };
}
