import { BAD, NEUTRAL, WARN } from "./colours.ts";
import { graph } from "./graph.ts";
import { stat } from "./numbers.ts";
import { metric, RANGE, STEP, total } from "./promql.ts";

const NOTHING_BILLED = "Nothing billed: the embedded providers are free";
const TOKENS = metric("rag_openai_tokens_total");
const COST = metric("rag_openai_cost_usd_total");
const QUERIES = total(metric("rag_query_duration_seconds_count"), RANGE);
/** Abandoned calls, whose caller disconnected, do not count as failed. */
const CALLS_FAILED = ["inference", "embeddings"].map((operation) =>
  metric(`gen_ai_client_${operation}_duration_seconds_count`, 'error_type!~"|abandoned"'),
);

const panels = [
  graph({
    title: "Tokens by model",
    description:
      "Billed tokens, including those of ingested documents. If prompt tokens grow, top_k or the chunks have grown; completion tokens are the answers.",
    unit: "short",
    noValue: NOTHING_BILLED,
    queries: [{ expr: total(TOKENS, STEP, "model", "type"), legend: "{{model}}, {{type}}" }],
    colours: { "/, prompt$/": NEUTRAL, "/, completion$/": "orange", "/embedding/": "purple" },
    draw: "bars",
    width: 12,
    height: 8,
  }),
  graph({
    title: "Cost by model",
    description:
      "US dollars for billed calls of models with a known price; other models count only in tokens. If it jumps, compare with Queries per second, then with Tokens per query.",
    unit: "currencyUSD",
    noValue: NOTHING_BILLED,
    queries: [{ expr: total(COST, STEP, "model"), legend: "{{model}}" }],
    draw: "bars",
    width: 12,
    height: 8,
  }),
  stat({
    title: "Tokens per query",
    description:
      "Billed tokens divided by queries in this range. Select the query function to exclude ingestion. If it grows, look at top_k and the chunk size.",
    unit: "short",
    noValue: "Nothing billed",
    expr: `${total(TOKENS, RANGE)} / (${QUERIES} > 0)`,
    width: 4,
    height: 7,
  }),
  stat({
    title: "Cost per 1,000 queries",
    description:
      "US dollars per 1,000 queries in this range. Select the query function to exclude ingestion. A higher cache hit ratio or a smaller model reduces it.",
    unit: "currencyUSD",
    noValue: "Nothing billed",
    expr: `1000 * ${total(COST, RANGE)} / (${QUERIES} > 0)`,
    width: 4,
    height: 7,
  }),
  graph({
    title: "Provider errors",
    description:
      "Failed model calls by error.type. 429 and quota errors mean that a limit is reached: request a higher one, or send less; timeouts and 5xx are failures of the provider.",
    unit: "locale",
    decimals: 0,
    noValue: "No failed calls in this range",
    queries: [
      {
        // No model both chats and embeds.
        expr: CALLS_FAILED.map((calls) => total(calls, STEP, "gen_ai_request_model", "error_type")).join(" or "),
        legend: "{{gen_ai_request_model}}: {{error_type}}",
      },
    ],
    // The last match applies: unknown errors are red.
    colours: { "/.*/": BAD, "/429|rate.?limit|quota/i": WARN },
    draw: "bars",
    width: 16,
    height: 7,
  }),
];

export const cost = { title: "Tokens and cost", panels };
