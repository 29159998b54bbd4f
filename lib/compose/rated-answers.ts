import type { Limits, Service } from "#providers/service/service.ts";
import type { RatedAnswers } from "#quality/feedback.ts";

/** Runs each call with a time limit and a circuit breaker. Its limits must have no second attempt. */
export function resilientRatedAnswers(rated: RatedAnswers, service: Service, limits: Limits): RatedAnswers {
  return { add: (id, ttlMs, call) => service(limits, call, (call) => rated.add(id, ttlMs, call)) };
}
