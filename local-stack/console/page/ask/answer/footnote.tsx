interface FootnoteProps {
  number: number;
  /** Whether the source says nothing of what cites it. */
  isUnsupported?: boolean;
  onOpen: (number: number) => void;
}

/** The number of a source in an answer, which opens it. */
export function Footnote({ number, isUnsupported = false, onOpen }: FootnoteProps) {
  return (
    <button
      type="button"
      class={isUnsupported ? "footnote unsupported" : "footnote"}
      aria-label={`Source ${number}${isUnsupported ? ", which does not support it" : ""}`}
      onClick={() => onOpen(number)}
    >
      {number}
    </button>
  );
}
