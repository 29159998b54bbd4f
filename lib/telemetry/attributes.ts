/** The GenAI conventions that spans and metrics follow; they include version 1.45.0 of the general ones. */
export const GEN_AI_SCHEMA_URL = "https://opentelemetry.io/schemas/gen-ai/0.1.0";

/**
 * The attribute names of spans and metrics. Own constants: importing `@opentelemetry/semantic-conventions` for these
 * strings adds 81 KB to the bundle.
 */
export const ATTR = {
  errorType: "error.type",
  serverAddress: "server.address",
  serverPort: "server.port",

  httpRequestMethod: "http.request.method",
  httpRequestMethodOriginal: "http.request.method_original",
  httpResponseStatusCode: "http.response.status_code",
  httpRoute: "http.route",
  urlPath: "url.path",
  urlScheme: "url.scheme",

  faasTrigger: "faas.trigger",
  faasInvocationId: "faas.invocation.id",
  faasColdstart: "faas.coldstart",
  cloudResourceId: "cloud.resource_id",
  /** Not of the conventions, which name no attribute for it. */
  awsXrayTraceId: "aws.xray.trace_id",

  genAiOperationName: "gen_ai.operation.name",
  genAiProviderName: "gen_ai.provider.name",
  genAiRequestModel: "gen_ai.request.model",
  genAiRequestStream: "gen_ai.request.stream",
  genAiResponseModel: "gen_ai.response.model",
  genAiResponseFinishReasons: "gen_ai.response.finish_reasons",
  genAiResponseTimeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  genAiRetrievalTopK: "gen_ai.retrieval.top_k",
  genAiUsageInputTokens: "gen_ai.usage.input_tokens",
  genAiUsageOutputTokens: "gen_ai.usage.output_tokens",
  genAiToolName: "gen_ai.tool.name",
  genAiEmbeddingsDimensionCount: "gen_ai.embeddings.dimension.count",
  /** With text of users, documents and models only when content capture is on. */
  genAiEvaluationExplanation: "gen_ai.evaluation.explanation",
  genAiEvaluationName: "gen_ai.evaluation.name",
  genAiEvaluationScoreLabel: "gen_ai.evaluation.score.label",
  genAiEvaluationScoreValue: "gen_ai.evaluation.score.value",
  genAiTokenModality: "gen_ai.token.modality",

  dbSystemName: "db.system.name",
  dbCollectionName: "db.collection.name",
  dbOperationName: "db.operation.name",
  dbResponseReturnedRows: "db.response.returned_rows",

  jsonrpcRequestId: "jsonrpc.request.id",
  mcpMethodName: "mcp.method.name",
  mcpProtocolVersion: "mcp.protocol.version",
  mcpResourceUri: "mcp.resource.uri",

  messagingDestinationName: "messaging.destination.name",
  messagingMessageId: "messaging.message.id",
  messagingOperationName: "messaging.operation.name",
  messagingOperationType: "messaging.operation.type",
  messagingSystemName: "messaging.system.name",

  degraded: "rag.degraded",
  stage: "rag.stage",
  dependency: "rag.dependency",
  feedbackOutcome: "rag.feedback.outcome",
  feedbackRating: "rag.feedback.rating",
  shadowGroundedness: "rag.shadow.groundedness",
  shadowOutcome: "rag.shadow.outcome",
  shadowPrimaryGroundedness: "rag.shadow.primary.groundedness",
  attempt: "rag.retry.attempt",
  delayMs: "rag.retry.delay_ms",
  cacheHit: "cache.hit",
  cacheAnswerHit: "cache.answer.hit",
  candidatesCount: "candidates.count",
  chunksCount: "chunks.count",
  chunksUnchanged: "chunks.unchanged",
  documentsCount: "documents.count",
  messagesCount: "messages.count",
  modelName: "model.name",
  queryLength: "query.length",
  resultsCount: "results.count",
  rewritten: "rewritten",
  scoreMax: "score.max",
  scoreMin: "score.min",
  textLength: "text.length",
  tokensCompletion: "tokens.completion",
  tokensPrompt: "tokens.prompt",
  topicIdsCount: "topic_ids.count",

  /** Read by Phoenix and Langfuse: https://github.com/Arize-ai/openinference (spec/semantic_conventions.md). */
  openInferenceSpanKind: "openinference.span.kind",
  embeddingModelName: "embedding.model_name",
  rerankerModelName: "reranker.model_name",
  rerankerTopK: "reranker.top_k",
} as const;

/** The event that says how good an answer is, by name of the evaluation. */
export const EVALUATION_EVENT = "gen_ai.evaluation.result";

/** Attributes with the text of users, documents and models: set only when content capture is on. */
export const CONTENT_ATTR = {
  genAiSystemInstructions: "gen_ai.system_instructions",
  genAiInputMessages: "gen_ai.input.messages",
  genAiOutputMessages: "gen_ai.output.messages",
  inputMimeType: "input.mime_type",
  inputValue: "input.value",
  outputMimeType: "output.mime_type",
  outputValue: "output.value",
  rerankerQuery: "reranker.query",
} as const;
