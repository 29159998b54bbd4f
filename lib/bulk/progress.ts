import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  /** @param total it may have grown */
  advance(total?: number): void;
  end(): void;
}

/** A progress bar on standard error; nothing where that is not a terminal. */
export function progress(title: string, total: number): Progress {
  const bar = new SingleBar(
    { format: `${title} {bar} {value}/{total}`, clearOnComplete: true },
    Presets.shades_classic,
  );
  if (process.stderr.isTTY) bar.start(total, 0);
  return {
    advance(total) {
      if (total !== undefined) bar.setTotal(total);
      bar.increment();
    },
    end: () => bar.stop(),
  };
}
