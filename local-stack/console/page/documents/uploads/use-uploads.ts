import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { UploadSource } from "./new-uploads.ts";
import { sendFile } from "./send-file.ts";
import { createUploadQueue, type UploadQueue } from "./upload-queue.ts";

/** Files that are sent at once. */
const CONCURRENCY = 3;

/** The queue of this page; renders again when it changes, once a frame at most. */
export function useUploads(): UploadQueue<UploadSource> {
  const [, render] = useState(0);
  const frame = useRef<number | undefined>(undefined);
  const queue = useMemo(
    () =>
      createUploadQueue<UploadSource>({
        concurrency: CONCURRENCY,
        send: sendFile,
        onChange() {
          frame.current ??= requestAnimationFrame(() => {
            frame.current = undefined;
            render((renders) => renders + 1);
          });
        },
      }),
    [],
  );
  useEffect(() => () => cancelAnimationFrame(frame.current ?? 0), []);
  return queue;
}
