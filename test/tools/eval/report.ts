import type { Latency, Report, Retrieval } from "./evaluate.ts";

/** Formats the report for a terminal. */
export function formatReport(name: string, report: Report): string {
  const { documents, chunks, questions, ingest, retrieval, bm25, answers, topics, latency_ms } = report;
  return [
    `${name}: ${questions} questions, ${documents} documents in ${chunks} chunks`,
    `ingested in ${ingest.seconds.toFixed(1)} s, ${ingest.documents_per_second.toFixed(1)} documents/s`,
    "",
    row("", "nDCG@10", "Recall@10", "MRR@10", "top-1"),
    retrievalRow("pipeline", retrieval),
    ...(bm25 ? [retrievalRow("BM25 alone", bm25), ratioRow("over BM25", retrieval, bm25)] : []),
    "",
    ...(answers.contain_gold === undefined ? [] : [`answers with a gold answer   ${percent(answers.contain_gold)}`]),
    ...(answers.good === undefined ? [] : [`… and nothing unreadable     ${percent(answers.good)}`]),
    `readable answers             ${percent(answers.readable)}`,
    `sentences in an answer       ${answers.mean_sentences.toFixed(1)} on average, ${answers.max_sentences} at most`,
    `refused                      ${percent(answers.refused)}`,
    ...(answers.unanswerable_refused === undefined
      ? []
      : [`refused without an answer    ${percent(answers.unanswerable_refused)}`]),
    ...(topics
      ? [
          `topic filter: all citations  ${percent(topics.citations_in_topic)} of questions have only citations of the topic`,
          `wrong topic: refused         ${percent(topics.refused_in_other_topic)}`,
        ]
      : []),
    ...latencyTable("milliseconds, embedding computed", latency_ms.cold),
    ...latencyTable("milliseconds, embedding cached", latency_ms.cached),
  ].join("\n");
}

function latencyTable(title: string, latency: Latency): string[] {
  const rows = Object.entries(latency).map(([stage, { p50, p95, p99 }]) =>
    row(stage, ...[p50, p95, p99].map((value) => value.toFixed(1))),
  );
  return rows.length === 0 ? [] : ["", title, row("", "p50", "p95", "p99"), ...rows];
}

function retrievalRow(name: string, metrics: Retrieval): string {
  const cells = [metrics["ndcg@10"], metrics["recall@10"], metrics["mrr@10"]].map((value) => value.toFixed(4));
  return row(name, ...cells, percent(metrics.first_right));
}

function ratioRow(name: string, metrics: Retrieval, base: Retrieval): string {
  const names = ["ndcg@10", "recall@10", "mrr@10", "first_right"] as const;
  return row(name, ...names.map((metric) => (metrics[metric] / base[metric]).toFixed(3)));
}

function row(name: string, ...cells: string[]): string {
  return name.padEnd(16) + cells.map((cell) => cell.padStart(12)).join("");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
