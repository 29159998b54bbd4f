/** Whether the token limit ended a generation; Anthropic and Gemini have other words for it than OpenAI. */
export function isCut(finishReason: string | undefined): boolean {
  return /^(?:length|max_tokens)$/i.test(finishReason ?? "");
}
