import * as z from "zod/mini";
import { queryRequest, queryResponse } from "#http/schemas.ts";

const { question, topic_ids, top_k, filter, min_score } = queryRequest.shape;

/** Arguments of the tools `search` and `ask`: fields of `POST /query`. */
export const toolArguments = z.strictObject({
  question: z.nonoptional(question),
  ...{ topic_ids, top_k, filter, min_score },
});

const { citations, degraded, trace_id } = queryResponse.shape;

/** What `search` finds: fields of the response of `POST /query`. */
export const searchResult = z.object({ citations, degraded, trace_id });
