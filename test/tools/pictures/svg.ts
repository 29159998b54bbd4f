/** Colours by Grafana's names, for the light and the dark theme. */
const LIGHT = {
  ...{ paper: "#ffffff", card: "#f6f8fa", line: "#d8dee4", text: "#57606a", ink: "#1f2328" },
  ...{ green: "#2a8a35", yellow: "#c99700", orange: "#e36209", red: "#cf222e", blue: "#1f6feb", purple: "#8250df" },
  ...{
    "light-red": "#f08a90",
    "light-purple": "#bb9df0",
    "super-light-blue": "#8cb8f5",
    "super-light-orange": "#f2b27a",
  },
};
const DARK: typeof LIGHT = {
  ...{ paper: "#0d1117", card: "#161b22", line: "#30363d", text: "#9198a1", ink: "#e6edf3" },
  ...{ green: "#56c15f", yellow: "#e3b341", orange: "#f0883e", red: "#f85149", blue: "#58a6ff", purple: "#b58cf2" },
  ...{
    "light-red": "#a8494d",
    "light-purple": "#7257a3",
    "super-light-blue": "#3d6ba3",
    "super-light-orange": "#9c6a3b",
  },
};

const variables = (colours: typeof LIGHT) =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");

const STYLE = `svg{${variables(LIGHT)}}
@media(prefers-color-scheme:dark){svg{${variables(DARK)}}}
text{font:12px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:var(--ink)}
.faint{fill:var(--text)}.small{font-size:11px}.code{font:11px ui-monospace,"DejaVu Sans Mono",Menlo,monospace;fill:var(--text)}
.name{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:var(--line);stroke-width:1}.line{fill:none;stroke-width:1.8;stroke-linejoin:round}`;

/** A complete SVG. Title and description are its text alternative. */
export function picture(
  { width, height, title, description }: { width: number; height: number; title: string; description: string },
  body: readonly string[],
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>${STYLE}</style>
<rect width="${width}" height="${height}" rx="8" fill="var(--paper)"/>
${body.join("\n")}
</svg>
`;
}

export function label(x: number, y: number, text: string, { kind = "", fill = "" } = {}): string {
  const style = `${kind && ` class="${kind}"`}${fill && ` style="fill:var(--${fill})"`}`;
  return `<text x="${round(x)}" y="${round(y)}"${style}>${escaped(text)}</text>`;
}

export function box(x: number, y: number, width: number, height: number, fill: string, radius = 2): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}" fill="var(--${fill})"/>`;
}

export function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

/** A line through all points, interrupted at each `undefined`. */
export function polyline(
  points: readonly ([x: number, y: number] | undefined)[],
  stroke: string,
  dashed = false,
): string {
  let open = false;
  const path = points.map((point) => {
    const command = point ? `${open ? "L" : "M"}${round(point[0])} ${round(point[1])}` : "";
    open = point !== undefined;
    return command;
  });
  return `<path class="line" d="${path.join("")}" stroke="var(--${stroke})"${dashed ? ' stroke-dasharray="5 4"' : ""}/>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
