/** X-Ray only: no collector, no metrics, and no flush, since UDP datagrams are not awaited. */
import { Tracer } from "@aws-lambda-powertools/tracer";
import { handler as query } from "./query.mjs";

const tracer = new Tracer({ serviceName: "bench" });

export async function handler(event, invocation) {
  const segment = tracer.getSegment();
  const subsegment = segment?.addNewSubsegment("## query");
  if (subsegment) tracer.setSegment(subsegment);
  try {
    return await query(event, invocation);
  } finally {
    subsegment?.close();
    if (segment) tracer.setSegment(segment);
  }
}
