import { BAD, GOOD, NEUTRAL, WARN, WATCH } from "./colours.ts";
import { NOT_GROUNDED, RATED_NEGATIVE, searchLink } from "./explore.ts";
import { graph } from "./graph.ts";
import { mean, metric, quantile, ratio, STEP, total } from "./promql.ts";
import { traces } from "./traces.ts";

const NO_EVALUATIONS = "No evaluated answers in this range, or RAG_GROUNDEDNESS_SAMPLE is 0";
const NO_RATINGS = "No ratings in this range, or RAG_FEEDBACK_SECRET is not set";
const NOTHING_JUDGED = "Nothing judged in this range, or RAG_JUDGE_SAMPLE is 0";
const NOTHING_SHADOWED = "Nothing answered again in this range, or RAG_SHADOW_SAMPLE is 0";
const JUDGE_SCORE = "rag_answer_judge_score";
const ANSWERS = metric("rag_query_duration_seconds_count", 'outcome=~"answered|not_found"');
const REFUSALS = metric("rag_query_duration_seconds_count", 'outcome="not_found"');
const RATINGS = metric("rag_feedback_total");

const panels = [
  graph({
    title: "Groundedness",
    description:
      "How far answers are supported by their sources, from 0 to 1: the mean and the 10th percentile. The level depends on how freely the model writes, so compare it over time. If it falls, the model, the prompt or the passages have changed; the link searches the worst answers.",
    unit: "short",
    decimals: 2,
    noValue: NO_EVALUATIONS,
    queries: [
      { expr: mean("rag_answer_groundedness", STEP), legend: "mean" },
      { expr: quantile(0.1, metric("rag_answer_groundedness_bucket"), STEP), legend: "lowest 10 %" },
    ],
    colours: { mean: NEUTRAL, "lowest 10 %": WARN },
    max: 1,
    links: [searchLink("Answers that are not grounded", NOT_GROUNDED)],
    width: 12,
    height: 8,
  }),
  graph({
    title: "Unsupported citations and facts",
    description:
      "Citations whose source supports nothing that they are cited for, and numbers and names of answers that stand in no source. If they grow faster than Queries, the model invents more than it did: compare with Groundedness.",
    unit: "locale",
    decimals: 0,
    noValue: "Nothing unsupported in this range, or no evaluated answers",
    queries: [
      { expr: total(metric("rag_answer_unsupported_citations_total"), STEP), legend: "citations" },
      { expr: total(metric("rag_answer_unsupported_facts_total"), STEP, "kind"), legend: "facts: {{kind}}" },
    ],
    colours: { citations: WARN, "facts: number": BAD, "facts: name": "purple" },
    draw: "bars",
    width: 12,
    height: 8,
  }),
  graph({
    title: "Refusals",
    description:
      "Share of answers that only say that nothing was found. If it jumps with the Zero-result rate, the search finds nothing; if it jumps alone, the passages lack what is asked, or the model has become more careful.",
    unit: "percentunit",
    noValue: "No answers in this range",
    queries: [{ expr: ratio(total(REFUSALS, STEP), total(ANSWERS, STEP)), legend: "not found" }],
    colours: { "not found": WARN },
    softMax: 0.2,
    width: 8,
    height: 8,
  }),
  graph({
    title: "Ratings",
    description:
      "Ratings of answers by their readers. If there are none, callers do not send them to POST /feedback, or it refuses them: the spans rag.feedback have the outcome.",
    unit: "locale",
    decimals: 0,
    noValue: NO_RATINGS,
    queries: [{ expr: total(RATINGS, STEP, "rating"), legend: "{{rating}}" }],
    colours: { positive: GOOD, negative: BAD },
    draw: "bars",
    width: 8,
    height: 8,
  }),
  graph({
    title: "Negative ratings",
    description:
      "Share of ratings that are negative. Few readers rate, and rather when they are annoyed, so compare it over time. If it jumps, the link searches what was rated so; look at Groundedness and Refusals of the same time.",
    unit: "percentunit",
    noValue: NO_RATINGS,
    queries: [
      {
        expr: ratio(total(metric("rag_feedback_total", 'rating="negative"'), STEP), total(RATINGS, STEP)),
        legend: "negative",
      },
    ],
    colours: { negative: BAD },
    max: 1,
    links: [searchLink("Negative ratings", RATED_NEGATIVE)],
    width: 8,
    height: 8,
  }),
  graph({
    title: "Scores of the judge",
    description:
      "What a language model says of a share of the answers, from 0 to 1: the mean and the 10th percentile. If faithfulness falls, answers say what their passages do not; if context_relevance falls, the search finds the wrong passages; if only answer_relevance falls, answers miss the question.",
    unit: "short",
    decimals: 2,
    noValue: NOTHING_JUDGED,
    queries: [
      { expr: mean(JUDGE_SCORE, STEP, "evaluation"), legend: "{{evaluation}}, mean" },
      {
        expr: quantile(0.1, metric(`${JUDGE_SCORE}_bucket`), STEP, "evaluation"),
        legend: "{{evaluation}}, lowest 10 %",
      },
    ],
    colours: {
      "faithfulness, mean": "blue",
      "faithfulness, lowest 10 %": "light-blue",
      "answer_relevance, mean": "orange",
      "answer_relevance, lowest 10 %": "light-orange",
      "context_relevance, mean": "purple",
      "context_relevance, lowest 10 %": "light-purple",
    },
    max: 1,
    width: 9,
    height: 8,
  }),
  graph({
    title: "Answers to be judged",
    description:
      "Answers that were sampled for the judge, by outcome. failed means that the model did not answer, invalid that its answer has no scores; dropped ones had too little time, over_budget ones too little of RAG_JUDGE_USD_PER_HOUR.",
    unit: "locale",
    decimals: 0,
    noValue: NOTHING_JUDGED,
    queries: [{ expr: total(metric("rag_judge_runs_total"), STEP, "outcome"), legend: "{{outcome}}" }],
    colours: { judged: GOOD, failed: BAD, invalid: "purple", dropped: WARN, over_budget: WATCH },
    draw: "bars",
    width: 5,
    height: 8,
  }),
  graph({
    title: "Tokens of the judge",
    description:
      "Tokens billed for judging, which Tokens by model does not include. If they grow and the judged answers do not, answers or passages have become longer.",
    unit: "short",
    noValue: NOTHING_JUDGED,
    queries: [{ expr: total(metric("rag_judge_tokens_total"), STEP, "model", "type"), legend: "{{model}}, {{type}}" }],
    colours: { "/, prompt$/": NEUTRAL, "/, completion$/": "orange" },
    draw: "bars",
    width: 5,
    height: 8,
  }),
  graph({
    title: "Cost of the judge",
    description:
      "US dollars for judging by models with a known price, which Cost by model does not include. If it is too high, lower RAG_JUDGE_SAMPLE, or set RAG_JUDGE_USD_PER_HOUR.",
    unit: "currencyUSD",
    noValue: NOTHING_JUDGED,
    queries: [{ expr: total(metric("rag_judge_cost_usd_total"), STEP, "model"), legend: "{{model}}" }],
    draw: "bars",
    width: 5,
    height: 8,
  }),
  graph({
    title: "Groundedness of the shadow",
    description:
      "Mean groundedness of both answers to the same questions, from 0 to 1: primary is what callers got, shadow what the second configuration would have said. A lasting gap between them says which one keeps closer to its sources; a small one over few questions is chance.",
    unit: "short",
    decimals: 2,
    noValue: NOTHING_SHADOWED,
    queries: [{ expr: mean("rag_shadow_groundedness", STEP, "configuration"), legend: "{{configuration}}" }],
    colours: { primary: NEUTRAL, shadow: "orange" },
    max: 1,
    width: 9,
    height: 8,
  }),
  graph({
    title: "Questions answered again",
    description:
      "Questions that were sampled for the shadow, by outcome. not_found means that it did not answer, identical that it has the same model and sources; dropped ones had too little time, over_budget ones too little of RAG_SHADOW_USD_PER_HOUR.",
    unit: "locale",
    decimals: 0,
    noValue: NOTHING_SHADOWED,
    queries: [{ expr: total(metric("rag_shadow_runs_total"), STEP, "outcome"), legend: "{{outcome}}" }],
    colours: {
      compared: GOOD,
      not_found: "purple",
      identical: NEUTRAL,
      failed: BAD,
      dropped: WARN,
      over_budget: WATCH,
    },
    draw: "bars",
    width: 5,
    height: 8,
  }),
  graph({
    title: "Tokens of the shadow",
    description:
      "Tokens billed for answering questions again, which Tokens by model does not include. If they grow and the compared questions do not, the second configuration has more or longer sources.",
    unit: "short",
    noValue: NOTHING_SHADOWED,
    queries: [{ expr: total(metric("rag_shadow_tokens_total"), STEP, "model", "type"), legend: "{{model}}, {{type}}" }],
    colours: { "/, prompt$/": NEUTRAL, "/, completion$/": "orange" },
    draw: "bars",
    width: 5,
    height: 8,
  }),
  graph({
    title: "Cost of the shadow",
    description:
      "US dollars for answering again by models with a known price, which Cost by model does not include. If it is too high, lower RAG_SHADOW_SAMPLE, or set RAG_SHADOW_USD_PER_HOUR.",
    unit: "currencyUSD",
    noValue: NOTHING_SHADOWED,
    queries: [{ expr: total(metric("rag_shadow_cost_usd_total"), STEP, "model"), legend: "{{model}}" }],
    draw: "bars",
    width: 5,
    height: 8,
  }),
  traces({
    title: "Answers that are not grounded",
    description:
      "Traces of the service with an answer whose groundedness is below 0.3, newest first; the event gen_ai.evaluation.result of rag.llm_generation has the score and what is missing. Environment and function do not apply. The collector keeps all of them.",
    noValue: "No answer in this range was that far from its sources",
    search: NOT_GROUNDED,
    sortBy: "Start time",
  }),
  traces({
    title: "Answers rated negative",
    description:
      "Negative ratings of the service, newest first; the span rag.feedback links to the rag.query of the answer. Environment and function do not apply. The collector may keep only a share.",
    noValue: "No negative ratings in this range",
    search: RATED_NEGATIVE,
    sortBy: "Start time",
  }),
];

export const quality = { title: "Quality", panels };
