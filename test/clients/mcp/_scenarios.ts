/** Where a scenario of the conformance suite passes: on the app, or on the fixtures behind the app's route. */
export type Expected = "app" | "fixtures" | NotApplicable;

export interface NotApplicable {
  /** Why it does not apply to this server. */
  not: string;
}

const NO_STREAM: NotApplicable = {
  not: "The response is JSON, with nothing before the result: functions behind API Gateway cannot stream.",
};
const NO_REQUESTS: NotApplicable = {
  not: "The server asks its client for nothing: without a session it could not receive the reply.",
};
const NO_RESUMPTION: NotApplicable = {
  not: "It is about streams that a client resumes; the suite itself skips it without a session.",
};

/** Every scenario of `conformance list --server`. Those of "fixtures" need tools, prompts or resources with given names. */
export const SCENARIOS: Readonly<Record<string, Expected>> = {
  "server-initialize": "app",
  ping: "app",
  "tools-list": "app",
  "resources-list": "app",
  "dns-rebinding-protection": "app",

  "logging-set-level": "fixtures",
  "completion-complete": "fixtures",
  "tools-call-simple-text": "fixtures",
  "tools-call-image": "fixtures",
  "tools-call-audio": "fixtures",
  "tools-call-embedded-resource": "fixtures",
  "tools-call-mixed-content": "fixtures",
  "tools-call-error": "fixtures",
  "json-schema-2020-12": "fixtures",
  "resources-read-text": "fixtures",
  "resources-read-binary": "fixtures",
  "resources-templates-read": "fixtures",
  "resources-subscribe": "fixtures",
  "resources-unsubscribe": "fixtures",
  "prompts-list": "fixtures",
  "prompts-get-simple": "fixtures",
  "prompts-get-with-args": "fixtures",
  "prompts-get-embedded-resource": "fixtures",
  "prompts-get-with-image": "fixtures",

  "tools-call-with-logging": NO_STREAM,
  "tools-call-with-progress": NO_STREAM,
  "tools-call-sampling": NO_REQUESTS,
  "tools-call-elicitation": NO_REQUESTS,
  "elicitation-sep1034-defaults": NO_REQUESTS,
  "elicitation-sep1330-enums": NO_REQUESTS,
  "server-sse-polling": NO_RESUMPTION,
  "server-sse-multiple-streams": NO_RESUMPTION,
};
