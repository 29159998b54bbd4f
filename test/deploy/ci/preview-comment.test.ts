import { expect, test } from "vitest";
import { type Bench, MARKER, type Preview, previewComment } from "#deploy/ci/preview-comment.ts";

const bench = (init: string, cpu: string): Bench => ({
  machine: "2 × a processor",
  tables: {
    "Telemetry, medians of 10 starts": [{ variant: "edge-rag", "init, ms": "90" }],
    "Clients, medians of 10 starts": [
      { variant: "query, all services", "init, ms": "100", "added CPU, ms": "40" },
      { variant: "query, all services, telemetry", "init, ms": init, "added CPU, ms": cpu },
    ],
  },
});

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PREVIEW: Preview = {
  ...{ stage: "pr-7", sha: "0123456789abcdef", runUrl: "https://ci.test/run/1" },
  ...{ url: "https://api.test", streamUrl: "https://stream.test" },
  ...{ grafanaUrl: "https://grafana.test/", jaegerUrl: "https://jaeger.test" },
  smoke: {
    ok: true,
    results: [
      { name: "query", status: "passed", detail: "cited first of 5", traceId: TRACE_ID },
      { name: "trace", status: "not run", detail: "--jaeger is not set" },
    ],
  },
  sizes: { base: { query: 158_000, old: 1_000 }, head: { query: 159_580, embed: 157_000 } },
  bench: { base: bench("150", "60"), head: bench("135", "66") },
  answers: {
    ...{ verdict: "worse", questions: 187, level: 0.99286 },
    changes: [
      {
        ...{ figure: "groundedness", verdict: "worse" },
        ...{ a: 0.9104, b: 0.8904, value: -0.02, low: -0.035, high: -0.005 },
      },
    ],
  },
};

test("a preview's comment has links, the smoke test and the measured changes", () => {
  const comment = previewComment(PREVIEW);
  expect(comment.startsWith(`${MARKER}\n\n### Preview \`pr-7\`\n`)).toBe(true);
  expect(comment).toContain("- API: https://api.test\n- Streaming: https://stream.test\n");
  expect(comment).toContain("(https://grafana.test/d/rag-pipeline?var-environment=pr-7)");
  expect(comment).toContain(`(https://jaeger.test/trace/${TRACE_ID})`);
  expect(comment).toContain(
    "✓ **Smoke test green**: 1 passed, 0 failed, 1 not run\n- trace, not run: `--jaeger is not set`",
  );
  expect(comment).toContain("| `query` | 158.0 KB | 159.6 KB | +1.6 KB (+1.0 %) |");
  expect(comment).toContain("| `embed` | – | 157.0 KB | – |");
  expect(comment).toContain("| `old` | 1.0 KB | – | – |");
  expect(comment).toContain("| `query, all services, telemetry: init` | 150.0 ms | 135.0 ms | −15.0 ms (−10.0 %) |");
  expect(comment).toContain("handler's` | 60.0 ms | 66.0 ms | +6.0 ms (+10.0 %) |");
  expect(comment).toContain("**Against the base**: `worse`\n\n|  | base | here | change (99.3 % interval) |  |");
  expect(comment).toContain("| `groundedness` | 0.910 | 0.890 | −0.020 (−0.035 to −0.005) | `worse` |");
  expect(comment).toContain("Commit 0123456, [run](https://ci.test/run/1)");
});

test("a preview's comment reports missing measurements", () => {
  const none = { base: undefined, head: undefined };
  const { url: _, grafanaUrl: __, jaegerUrl: ___, ...rest } = PREVIEW;
  const comment = previewComment({ ...rest, smoke: undefined, sizes: none, bench: none, answers: undefined });
  expect(comment).toContain("**Not deployed**: see [the run](https://ci.test/run/1).");
  expect(comment).toContain("**Smoke test: did not run.**");
  expect(comment.match(/Not measured\./g)).toHaveLength(2);
  expect(comment).toContain("#### Answers\n\nNot compared.");
  const unlinked = previewComment({ ...PREVIEW, grafanaUrl: "", jaegerUrl: "" });
  expect(unlinked).toContain("`GRAFANA_URL` is not set");
  expect(unlinked).toContain("`JAEGER_URL` is not set");
  const broken = { base: bench("", "fast"), head: bench("135", "66") };
  expect(previewComment({ ...PREVIEW, bench: broken })).toContain("telemetry: init` | – | 135.0 ms | – |");
});

test("a failed smoke test shows its details, with responses as inert text", () => {
  const detail = "came 500 <img src=x> | @everyone `code`\n# title [link](http://x)";
  const results = [{ name: "query", status: "failed", detail }];
  const comment = previewComment({ ...PREVIEW, smoke: { ok: false, results } });
  expect(comment).toContain("✗ **Smoke test red**: 0 passed, 1 failed");
  expect(comment).toContain("- query, failed: `came 500 <img src=x>   @everyone  code # title [link](http://x)`\n");
  expect(comment).toContain("(https://jaeger.test/search?service=edge-rag)");
});

test("answers that do not differ are called so with the number of questions", () => {
  const comment = previewComment({
    ...PREVIEW,
    answers: { verdict: "no difference", questions: 187, level: 0.99, changes: [] },
  });
  expect(comment).toContain("**Against the base**: `no difference that these 187 questions can show`");
});
