import type { Message } from "#rag/query-rewriter.ts";
import { mean } from "../metrics.ts";
import type { Response, System } from "../system.ts";
import type { Conversations } from "./conversations.ts";

const TOP_K = 5;

/** Shares are in [0, 1]. */
export interface ConversationReport {
  followUps: number;
  complete: number;
  /** Share of follow-ups whose first document is one of the judged pages. */
  first_right: number;
  /** The same for the last turns alone, asked without what was said before. */
  first_right_alone: number;
  /** The same for the last turns as spelled out by hand: what a perfect rewriting would reach. */
  first_right_by_hand: number;
  /** Share of complete questions that were changed. */
  changed: number;
  /** The follow-ups with another page first, as asked and as rewritten. */
  wrong: string[];
  /** The complete questions that were changed, as rewritten. */
  spoilt: string[];
}

/** Plays conversations: asks their turns one after the other, each with all questions and answers before it. */
export async function play(system: System, { followUps, complete }: Conversations): Promise<ConversationReport> {
  const answers = new Map<string, Promise<Response>>();
  /** The same beginning of two conversations is played once. */
  function ask(turns: readonly string[]): Promise<Response> {
    const key = JSON.stringify(turns);
    const answer = answers.get(key) ?? askWithHistory(turns);
    answers.set(key, answer);
    return answer;
  }
  async function askWithHistory(turns: readonly string[]): Promise<Response> {
    const history: Message[] = [];
    for (const [index, content] of turns.slice(0, -1).entries()) {
      const { answer } = await ask(turns.slice(0, index + 1));
      history.push({ role: "user", content }, { role: "assistant", content: answer });
    }
    return system.ask(turns.at(-1) ?? "", TOP_K, undefined, history);
  }

  const right: boolean[] = [];
  const alone: boolean[] = [];
  const byHand: boolean[] = [];
  const wrong: string[] = [];
  for (const { id, turns, standalone, pages } of followUps) {
    const last = turns.at(-1) ?? "";
    const isRight = ({ documentIds: [first = ""] }: Response) => pages.includes(first);
    const response = await ask(turns);
    right.push(isRight(response));
    alone.push(isRight(await system.ask(last, TOP_K)));
    byHand.push(isRight(await system.ask(standalone, TOP_K)));
    if (!isRight(response))
      wrong.push(`${id} ${last} → ${response.rewritten ?? "unchanged"} → ${response.documentIds[0]}`);
  }
  const changed = await changedAmong(complete, ask);
  return {
    ...{ followUps: followUps.length, complete: complete.length },
    first_right: share(right),
    first_right_alone: share(alone),
    first_right_by_hand: share(byHand),
    changed: changed.length / complete.length,
    ...{ wrong, spoilt: changed },
  };
}

function share(values: readonly boolean[]): number {
  return mean(values.map(Number));
}

async function changedAmong(
  complete: Conversations["complete"],
  ask: (turns: readonly string[]) => Promise<Response>,
): Promise<string[]> {
  const changed: string[] = [];
  for (const { id, turns } of complete) {
    const { rewritten } = await ask(turns);
    if (rewritten !== undefined) changed.push(`${id} ${turns.at(-1)} → ${rewritten}`);
  }
  return changed;
}
