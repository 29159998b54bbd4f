/** Identifies the comment when it is updated. */
export const MARKER = "<!-- edge-rag: preview -->";

/** Measurements of the head and the base of a pull request; `undefined` when they failed. */
export interface Compared<T> {
  base: T | undefined;
  head: T | undefined;
}

/** Output of `npm run bench -- PART --json`, the part that is used. */
export interface Bench {
  machine: string;
  tables: Record<string, Record<string, unknown>[]>;
}

/** Output of `npm run smoke -- URL --json`, the part that is used. */
export interface Smoke {
  ok: boolean;
  results: { name: string; status: string; detail: string; traceId?: string }[];
}

/** Output of `npm run eval -- --compare A.json B.json`, the part that is used; A is the base. */
export interface Answers {
  verdict: string;
  questions: number;
  /** Of each interval. */
  level: number;
  changes: {
    figure: string;
    a: number;
    b: number;
    value: number;
    low: number;
    high: number;
    verdict: string;
  }[];
}

export interface Preview {
  stage: string;
  /** The commit that was deployed. */
  sha: string;
  /** URL of the workflow run. */
  runUrl: string;
  /** Absent when the preview is not deployed. */
  url?: string | undefined;
  streamUrl?: string | undefined;
  /** Absent when there is none to link to. */
  grafanaUrl?: string | undefined;
  jaegerUrl?: string | undefined;
  smoke: Smoke | undefined;
  /** Bytes of each zip, by name. */
  sizes: Compared<Record<string, number>>;
  bench: Compared<Bench>;
  /** `undefined` unless the head and the base were asked the same questions. */
  answers: Answers | undefined;
}

/** The comment on a pull request, in Markdown. The same input gives the same comment. */
export function previewComment(preview: Preview): string {
  const { stage, sha, runUrl } = preview;
  return [
    MARKER,
    `### Preview \`${stage}\``,
    deployment(preview),
    smokeTest(preview.smoke),
    "#### Size of what is deployed, zipped",
    sizes(preview.sizes),
    "#### Cold start",
    coldStart(preview.bench),
    "#### Answers",
    answers(preview.answers),
    `<sub>Commit ${sha.slice(0, 7)}, [run](${runUrl}). The preview is removed when the pull request is closed.</sub>`,
    "",
  ].join("\n\n");
}

function deployment({ stage, url, streamUrl, grafanaUrl, jaegerUrl, smoke, runUrl }: Preview): string {
  if (!url) return `**Not deployed**: see [the run](${runUrl}).`;
  const trace = smoke?.results.find(({ name }) => name === "query")?.traceId;
  const links = [
    `API: ${url}`,
    ...(streamUrl ? [`Streaming: ${streamUrl}`] : []),
    grafanaUrl
      ? `[Dashboard in Grafana](${root(grafanaUrl)}/d/rag-pipeline?var-environment=${encodeURIComponent(stage)})`
      : "Grafana: the repository variable `GRAFANA_URL` is not set",
    jaegerUrl
      ? `[Trace of the smoke test's query in Jaeger](${root(jaegerUrl)}/${trace ? `trace/${trace}` : "search?service=edge-rag"})`
      : "Jaeger: the repository variable `JAEGER_URL` is not set",
  ];
  return links.map((link) => `- ${link}`).join("\n");
}

function smokeTest(smoke: Smoke | undefined): string {
  if (!smoke) return "**Smoke test: did not run.**";
  const count = (status: string) => smoke.results.filter((result) => result.status === status).length;
  const listed = smoke.results.filter(({ status }) => status !== "passed");
  return [
    `${smoke.ok ? "✓" : "✗"} **Smoke test ${smoke.ok ? "green" : "red"}**: ${count("passed")} passed, ${count("failed")} failed, ${count("not run")} not run`,
    ...listed.map(({ name, status, detail }) => `- ${name}, ${status}: ${code(detail)}`),
  ].join("\n");
}

function sizes({ base, head }: Preview["sizes"]): string {
  if (!head) return "Not measured.";
  const names = [...new Set([...Object.keys(head), ...Object.keys(base ?? {})])].sort();
  const rows = names.map((name) => row(name, base?.[name], head[name], (bytes) => `${(bytes / 1000).toFixed(1)} KB`));
  return table(["zip", "base", "here", "change"], rows);
}

/** Rows of the benchmark `coldstart` that match a deployment, and their columns. */
const STARTS = ["query, all services", "query, all services, telemetry"];
const COLUMNS = { "init, ms": "init", "added CPU, ms": "CPU beyond an empty handler's" };

function coldStart({ base, head }: Preview["bench"]): string {
  if (!head) return "Not measured.";
  const rows = STARTS.flatMap((variant) =>
    Object.entries(COLUMNS).map(([column, label]) =>
      row(
        `${variant}: ${label}`,
        figure(base, variant, column),
        figure(head, variant, column),
        (ms) => `${ms.toFixed(1)} ms`,
      ),
    ),
  );
  const noise = "Both on one shared machine: differences of a few per cent are noise.";
  return `${table(["median", "base", "here", "change"], rows)}\n\n<sub>${code(head.machine)}. ${noise}</sub>`;
}

function figure(bench: Bench | undefined, variant: string, column: string): number | undefined {
  const rows = Object.values(bench?.tables ?? {}).flat();
  const value = rows.find((candidate) => candidate.variant === variant)?.[column];
  const number = value === undefined || value === "" ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function answers(compared: Answers | undefined): string {
  if (!compared) return "Not compared.";
  const { verdict, questions, level, changes } = compared;
  const share = (value: number) => value.toFixed(3);
  const signed = (value: number) => `${value < 0 ? "−" : "+"}${share(Math.abs(value))}`;
  const rows = changes.map(({ figure, a, b, value, low, high, verdict }) => [
    code(figure),
    ...[share(a), share(b), `${signed(value)} (${signed(low)} to ${signed(high)})`, code(verdict)],
  ]);
  const found = verdict === "no difference" ? `no difference that these ${questions} questions can show` : verdict;
  return [
    `**Against the base**: ${code(found)}`,
    table(["", "base", "here", `change (${(level * 100).toFixed(1)} % interval)`, ""], rows),
  ].join("\n\n");
}

function row(name: string, base: number | undefined, head: number | undefined, show: (value: number) => string) {
  const change =
    base === undefined || head === undefined || base === 0
      ? "–"
      : `${head >= base ? "+" : "−"}${show(Math.abs(head - base))} (${percent(head / base - 1)})`;
  return [code(name), base === undefined ? "–" : show(base), head === undefined ? "–" : show(head), change];
}

function percent(share: number): string {
  return `${share >= 0 ? "+" : "−"}${(Math.abs(share) * 100).toFixed(1)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Inline code: no links, mentions or HTML, and nothing that ends a table cell. */
function code(text: string): string {
  return `\`${text.replaceAll(/[`\r\n|]+/g, " ").slice(0, 500)}\``;
}

function root(url: string): string {
  return url.replace(/\/+$/, "");
}
