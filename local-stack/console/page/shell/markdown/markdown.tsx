import { type ComponentChildren, Fragment, type JSX } from "preact";
import type { MarkdownElement, MarkdownNode } from "#console/markdown/nodes.ts";
import { useMarkdown } from "./use-markdown.ts";

interface Drawing {
  /** Of the outermost headings, so that the page's order of headings holds. */
  headingLevel: number;
  /** Draws a citation of one source. */
  citation?: (number: number) => ComponentChildren;
}

/** A text in Markdown, drawn without any HTML of it. */
export function Markdown({ text, headingLevel }: { text: string; headingLevel: number }) {
  return <MarkdownNodes nodes={useMarkdown(text).nodes} headingLevel={headingLevel} />;
}

export function MarkdownNodes({ nodes, ...drawing }: Drawing & { nodes: readonly MarkdownNode[] }) {
  return <div class="markdown">{drawAll(nodes, drawing)}</div>;
}

function drawAll(nodes: readonly MarkdownNode[], drawing: Drawing): ComponentChildren {
  return nodes.map((node, at) => (
    <Fragment key={at}>{node.type === "text" ? node.text : drawElement(node, drawing)}</Fragment>
  ));
}

function drawElement(node: MarkdownElement, drawing: Drawing): ComponentChildren {
  const children = drawAll(node.children, drawing);
  switch (node.type) {
    case "paragraph":
      return <p>{children}</p>;
    case "path":
      return <p class="path">{children}</p>;
    case "heading": {
      const Heading = `h${Math.min(drawing.headingLevel + (node.level ?? 1) - 1, 6)}` as "h6";
      return <Heading>{children}</Heading>;
    }
    case "quote":
      return <blockquote>{children}</blockquote>;
    case "list":
      return node.start === undefined ? <ul>{children}</ul> : <ol start={node.start}>{children}</ol>;
    case "item":
      return <li>{children}</li>;
    case "rule":
      return <hr />;
    case "codeblock":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: can be scrolled by keyboard.
        <pre tabIndex={0}>
          <code>{children}</code>
        </pre>
      );
    case "table":
      return drawTable(node, drawing);
    case "link":
      return (
        <a href={node.href ?? ""} target="_blank" rel="noreferrer noopener">
          {children}
        </a>
      );
    case "image":
      return <span class="image">{children}</span>;
    case "highlight":
      return <span class="highlight">{children}</span>;
    case "break":
      return <br />;
    case "citation":
      return drawing.citation ? node.numbers?.map((number) => drawing.citation?.(number)) : children;
    case "row":
    case "cell":
      return children;
    default: {
      const Tag = node.type satisfies keyof JSX.IntrinsicElements;
      return <Tag>{children}</Tag>;
    }
  }
}

function drawTable({ children: rows }: MarkdownElement, drawing: Drawing): ComponentChildren {
  const [head, ...body] = rows.map((row, at) => (
    <tr key={at}>
      {cellsOf(row).map((cell, column) =>
        cell.isHeader ? (
          <th key={column} scope="col">
            {drawAll(cell.children, drawing)}
          </th>
        ) : (
          <td key={column}>{drawAll(cell.children, drawing)}</td>
        ),
      )}
    </tr>
  ));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: can be scrolled by keyboard.
    // biome-ignore lint/a11y/useSemanticElements: has no fields.
    <div class="table" role="group" aria-label="Table" tabIndex={0}>
      <table>
        <thead>{head}</thead>
        <tbody>{body}</tbody>
      </table>
    </div>
  );
}

function cellsOf(row: MarkdownNode): MarkdownElement[] {
  return row.type === "text" ? [] : row.children.filter((cell) => cell.type !== "text");
}
