import { useEffect, useRef, useState } from "preact/hooks";
import type { FileKinds } from "#console/contract.ts";
import type { Address } from "../shell/address.ts";
import { useStatus } from "../shell/events.ts";
import { getJson } from "../shell/http.ts";
import { readTopicIds } from "../shell/topic-ids.ts";
import { UndoList } from "./deletes/undo-list.tsx";
import { useDeletes } from "./deletes/use-deletes.ts";
import { DocumentPage } from "./document-page.tsx";
import { DocumentTable } from "./document-table.tsx";
import { AddFiles } from "./uploads/add-files.tsx";
import type { Choice } from "./uploads/chosen-files.ts";
import { DropTarget } from "./uploads/drop-target.tsx";
import { newUploads } from "./uploads/new-uploads.ts";
import { UploadList } from "./uploads/upload-list.tsx";
import { useUploads } from "./uploads/use-uploads.ts";
import { useDocumentList } from "./use-document-list.ts";

/** Files to add, the list of documents, and at `#/documents/ID` a document. */
export function DocumentsView({ address, isShown }: { address: Address; isShown: boolean }) {
  const status = useStatus();
  const isReady = status !== "gone" && status?.functions === "ready";
  const [prefix, setPrefix] = useState("");
  const [options, setOptions] = useState({ prefix: "", topics: "" });
  const [kinds, setKinds] = useState<FileKinds>();
  const list = useDocumentList(isShown && isReady, prefix);
  const uploads = useUploads();
  const deletes = useDeletes(list.remove);
  // The document stays while another view is shown.
  const documentId = useRef<string | undefined>(undefined);
  if (isShown) documentId.current = address.path[1];

  useEffect(() => {
    if (isShown && kinds === undefined) readKinds().then(setKinds, () => {});
  }, [isShown, kinds]);

  const stored = uploads.items().filter(({ state }) => state.kind === "stored").length;
  const isReading = status !== "gone" && status?.reading !== undefined;
  useEffect(() => {
    if (isShown && isReady) list.reloadSoon();
  }, [stored, isReading]);

  const add = async (choice: Choice) => {
    // Files may be dropped before it is known which ones are taken. Without the server, the bar says that it is gone.
    const known = kinds ?? (await readKinds().catch(() => undefined));
    if (known === undefined) return;
    const added = newUploads(choice, known, { prefix: options.prefix, topicIds: readTopicIds(options.topics) ?? [] });
    // What is stored now must not be deleted by an earlier wish.
    for (const { id } of added) deletes.undo(id);
    uploads.add(added);
    location.hash = "#/documents";
  };
  const remove = (id: string) => {
    deletes.add(id);
    if (documentId.current !== undefined) location.hash = "#/documents";
  };

  return (
    <>
      {documentId.current !== undefined ? (
        <DocumentPage
          key={documentId.current}
          id={documentId.current}
          chunkId={address.query.get("chunk") ?? undefined}
          isReady={isReady}
          onDelete={remove}
        />
      ) : (
        <>
          <h1>Documents</h1>
          <AddFiles options={options} kinds={kinds} onOptions={setOptions} onChosen={(choice) => void add(choice)} />
          <UploadList queue={uploads} />
          <DocumentTable list={list} prefix={prefix} onPrefix={setPrefix} deletes={deletes} onDelete={remove} />
        </>
      )}
      {isShown && <DropTarget onDrop={(choice) => void add(choice)} />}
      <UndoList deletes={deletes} />
    </>
  );
}

function readKinds(): Promise<FileKinds> {
  return getJson<FileKinds>("/console/api/files");
}
