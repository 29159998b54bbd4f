/** One event of `text/event-stream`. */
export interface ServerEvent {
  event: string;
  data: string;
}

/**
 * Reads server-sent events as they arrive, by the rules of HTML (9.2.6). Comments, ids and retry times are ignored; an event
 * that is not complete at the end is dropped.
 */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      // A line may end with CR, LF or both; one that may be half of both waits.
      const text = rest + decoder.decode(value, { stream: true });
      const held = text.endsWith("\r") ? 1 : 0;
      const blocks = text
        .slice(0, text.length - held)
        .replace(/\r\n?/g, "\n")
        .split("\n\n");
      rest = (blocks.pop() ?? "") + text.slice(text.length - held);
      for (const block of blocks) {
        const event = eventOf(block);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function eventOf(block: string): ServerEvent | undefined {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length > 0 ? { event, data: data.join("\n") } : undefined;
}
