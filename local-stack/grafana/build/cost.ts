import { BAD, NEUTRAL, WARN } from "./colours.ts";
import { graph } from "./graph.ts";
import { stat } from "./numbers.ts";
import { metric, RANGE, STEP, total } from "./promql.ts";

const NOTHING_BILLED = "Nothing billed: the embedded parts cost nothing";
const TOKENS = metric("rag_openai_tokens_total");
const COST = metric("rag_openai_cost_usd_total");
const QUERIES = total(metric("rag_query_duration_seconds_count"), RANGE);
/** A call that was given up because its caller went has not failed. */
const CALLS_FAILED = metric("gen_ai_client_operation_duration_seconds_count", 'error_type!~"|abandoned"');

const panels = [
  graph({
    title: "Tokens by model",
    description:
      "Billed tokens, those of ingested documents included. If prompt tokens grow, top_k or the chunks have; completion tokens are the answers.",
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
      "US dollars for billed calls with a known price; a model without one counts in tokens only. If it jumps, compare with Queries per second, then with Tokens per query.",
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
      "Billed tokens by the queries of this range. Choose the query function to leave out what ingesting cost. If it grows, look at top_k and the size of the chunks.",
    unit: "short",
    noValue: "Nothing billed",
    expr: `${total(TOKENS, RANGE)} / (${QUERIES} > 0)`,
    width: 4,
    height: 7,
  }),
  stat({
    title: "Cost per 1,000 queries",
    description:
      "US dollars by the queries of this range. Choose the query function to leave out what ingesting cost. A better cache hit ratio or a smaller model brings it down.",
    unit: "currencyUSD",
    noValue: "Nothing billed",
    expr: `1000 * ${total(COST, RANGE)} / (${QUERIES} > 0)`,
    width: 4,
    height: 7,
  }),
  graph({
    title: "Provider errors",
    description:
      "Calls of models that failed, by error.type. 429 and quota errors mean that a limit is reached: ask for more, or slow down; timeouts and 5xx are the provider's.",
    unit: "locale",
    decimals: 0,
    noValue: "No failed calls in this range",
    queries: [
      {
        expr: total(CALLS_FAILED, STEP, "gen_ai_request_model", "error_type"),
        legend: "{{gen_ai_request_model}}: {{error_type}}",
      },
    ],
    // The last that fits counts: what is not known is never a harmless colour.
    colours: { "/.*/": BAD, "/429|rate.?limit|quota/i": WARN },
    draw: "bars",
    width: 16,
    height: 7,
  }),
];

export const cost = { title: "Tokens and cost", panels };
