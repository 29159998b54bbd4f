import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import type { ConsoleEvents, Status } from "#console/contract.ts";

type Handler<Name extends keyof ConsoleEvents> = (data: ConsoleEvents[Name]) => void;

let source: EventSource | undefined;

/** The one connection of this page; the browser opens it again when it breaks. */
function connection(): EventSource {
  source ??= new EventSource("/console/api/events");
  return source;
}

/** Calls the handler for each event of the server while the component is shown. */
export function useServerEvent<Name extends keyof ConsoleEvents>(name: Name, handler: Handler<Name>): void {
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    const listen = (event: MessageEvent<string>) => latest.current(JSON.parse(event.data) as ConsoleEvents[Name]);
    connection().addEventListener(name, listen);
    return () => connection().removeEventListener(name, listen);
  }, [name]);
}

/** The state of the server; `undefined` until it is known, `"gone"` while there is no connection. */
export const StatusContext = createContext<Status | "gone" | undefined>(undefined);

export function useStatus(): Status | "gone" | undefined {
  return useContext(StatusContext);
}

/** Follows the server's state, for the provider of {@link StatusContext}. */
export function useServerStatus(): Status | "gone" | undefined {
  const [status, setStatus] = useState<Status | "gone">();
  useServerEvent("status", setStatus);
  useEffect(() => {
    const lost = () => setStatus("gone");
    connection().addEventListener("error", lost);
    return () => connection().removeEventListener("error", lost);
  }, []);
  return status;
}
