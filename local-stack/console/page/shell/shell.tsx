import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import type { Status } from "#console/contract.ts";
import { AskView } from "../ask/ask-view.tsx";
import { DocumentsView } from "../documents/documents-view.tsx";
import { LabView } from "../lab/lab-view.tsx";
import { MetricsView } from "../metrics/metrics-view.tsx";
import { TracesView } from "../traces/traces-view.tsx";
import type { Address } from "./address.ts";
import { StatusContext, useServerStatus } from "./events.ts";
import { ProgressBar } from "./parts.tsx";
import { useTheme } from "./theme.ts";
import { useAddress } from "./use-address.ts";

interface View {
  name: string;
  title: string;
  view: ComponentType<{ address: Address; isShown: boolean }>;
}

const VIEWS: readonly [View, ...View[]] = [
  { name: "ask", title: "Ask", view: AskView },
  { name: "traces", title: "Traces", view: TracesView },
  { name: "metrics", title: "Metrics", view: MetricsView },
  { name: "documents", title: "Documents", view: DocumentsView },
  { name: "lab", title: "Search lab", view: LabView },
];

/** Header with the views and the state, and the view of the address. Views stay mounted, so that a conversation is kept. */
export function Shell() {
  const address = useAddress();
  const status = useServerStatus();
  const [theme, nextTheme] = useTheme();
  const shown = VIEWS.find(({ name }) => name === address.path[0]) ?? VIEWS[0];
  useEffect(() => {
    document.title = `${shown.title} · Edge RAG`;
  }, [shown]);

  return (
    <StatusContext.Provider value={status}>
      <header class="bar">
        <a class="brand" href="#/ask">
          Edge RAG
        </a>
        <nav aria-label="Views">
          {VIEWS.map(({ name, title }) => (
            <a key={name} href={`#/${name}`} aria-current={name === shown.name ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <State status={status} />
        <button type="button" class="quiet" onClick={nextTheme}>
          Theme: {theme}
        </button>
      </header>
      {status !== "gone" && status?.reading && (
        <div class="banner" role="status">
          <p>The sample corpus is being read. Questions are answered when it is done.</p>
          <ProgressBar {...status.reading} label="Documents of the sample corpus" />
        </div>
      )}
      {VIEWS.map(({ name, view: View }) => (
        <main key={name} class={`view ${name}`} hidden={name !== shown.name}>
          <View address={address} isShown={name === shown.name} />
        </main>
      ))}
    </StatusContext.Provider>
  );
}

function State({ status }: { status: Status | "gone" | undefined }) {
  const [kind, text] = stateOf(status);
  return (
    <p class={`state ${kind}`} role="status">
      {text}
    </p>
  );
}

function stateOf(status: Status | "gone" | undefined): ["ready" | "waiting" | "failed", string] {
  if (status === undefined) return ["waiting", "Connecting"];
  if (status === "gone") return ["failed", "npm run dev is not running"];
  if (status.functions === "stopped") return ["failed", "The functions have stopped"];
  if (status.functions === "starting") return ["waiting", "The functions are starting"];
  if (status.reading) return ["waiting", "Reading documents"];
  return ["ready", "Ready"];
}
