/** About the sample corpus, which is the documentation of Edge RAG; the last one is not in it. */
const QUESTIONS = [
  "How do I turn telemetry off?",
  "What happens when the reranker is down?",
  "How do I delete a document?",
  "What is the capital of France?",
];

/** Questions to begin with. */
export function Samples({ isDisabled, onAsk }: { isDisabled: boolean; onAsk: (question: string) => void }) {
  return (
    <section class="samples" aria-labelledby="samples">
      <h2 id="samples">Try one of these</h2>
      <ul>
        {QUESTIONS.map((question) => (
          <li key={question}>
            <button type="button" class="quiet" disabled={isDisabled} onClick={() => onAsk(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
