import { useEffect, useRef, useState } from "preact/hooks";
import { type Choice, filesOfDrop } from "./chosen-files.ts";

/** Takes files and folders that are dropped anywhere on the page, and says so while they are dragged over it. */
export function DropTarget({ onDrop }: { onDrop: (choice: Choice) => void }) {
  const [isOver, setIsOver] = useState(false);
  const latest = useRef(onDrop);
  latest.current = onDrop;
  useEffect(() => {
    // Each element that is entered sends its own pair.
    let depth = 0;
    const show = (change: number) => {
      depth = Math.max(0, depth + change);
      setIsOver(depth > 0);
    };
    const enter = (event: DragEvent) => hasFiles(event) && show(1);
    const leave = (event: DragEvent) => hasFiles(event) && show(-1);
    const over = (event: DragEvent) => hasFiles(event) && event.preventDefault();
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      show(-depth);
      const items = Array.from(event.dataTransfer?.items ?? []);
      const entries = items.flatMap((item) => item.webkitGetAsEntry() ?? []);
      void filesOfDrop(entries).then((choice) => latest.current(choice));
    };
    addEventListener("dragenter", enter);
    addEventListener("dragleave", leave);
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragenter", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, []);
  return (
    <div class="drop-target" hidden={!isOver}>
      Drop files and folders to add them
    </div>
  );
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") ?? false;
}
