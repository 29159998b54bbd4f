import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ask } from "./_ask.ts";
import { openConsole } from "./_console-page.ts";
import { FILES } from "./_kinds.ts";
import { openShared } from "./_running.ts";

const running = openShared();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "edge-rag-upload-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opens the view, and waits until it takes files. */
async function openDocuments(): Promise<Page> {
  const page = await openConsole(running.browser, running.dev.url, "#/documents");
  await page.locator("button:enabled", { hasText: "Choose files" }).waitFor();
  return page;
}

const upload = (page: Page, id: string) =>
  page.locator("main.documents .upload", { has: page.getByText(id, { exact: true }) });

async function ids(prefix: string): Promise<string[]> {
  const { documents } = (await (await fetch(`${running.dev.url}/embed?prefix=${prefix}`)).json()) as {
    documents: { id: string }[];
  };
  return documents.map(({ id }) => id);
}

it("takes a file of each kind that npm run ingest takes", async () => {
  const page = await openDocuments();
  await page.getByLabel("Files", { exact: true }).setInputFiles(FILES);
  await expect.poll(() => page.locator(".upload.stored").count(), { timeout: 50_000 }).toBe(FILES.length);
  expect(await page.locator(".upload").allInnerTexts()).toEqual(
    FILES.map(() => expect.stringMatching(/Stored, 1 chunk/)),
  );
  expect(new Set(await ids("ferry-"))).toEqual(new Set(FILES.map(({ name }) => name)));
  for (const { name } of FILES) await page.locator(".library").getByText(name, { exact: true }).first().waitFor();

  await page.locator('nav a[href="#/ask"]').click();
  const { done } = await ask(page, "When does the ferry to the island leave?");
  expect(done?.answer).toContain("leaves at noon");
});

it("takes a folder, by the paths in it, and says what it leaves out and what failed", async () => {
  const handbook = join(folder, "handbook");
  mkdirSync(join(handbook, "deep"), { recursive: true });
  writeFileSync(join(handbook, "leave.md"), "# Leave\n\nThirty days of leave a year.\n");
  writeFileSync(join(handbook, "deep", "office.txt"), "The office is open from eight.\n");
  writeFileSync(join(handbook, "broken.pdf"), "this is no PDF");
  writeFileSync(join(handbook, "old.doc"), "an old document");
  const page = await openDocuments();
  await page.getByLabel("Folder", { exact: true }).setInputFiles(handbook);
  await page
    .locator(".uploads")
    .getByText(/1 failed/)
    .first()
    .waitFor();
  await expect.poll(() => page.locator(".upload.stored").count()).toBe(2);
  expect(await upload(page, "broken.pdf").or(upload(page, "handbook/broken.pdf")).innerText()).toMatch(
    /Failed: .*pdf/i,
  );
  expect(await page.locator(".upload.skipped").innerText()).toMatch(/old\.doc[\s\S]*save it as \.docx/);
  const stored = [...(await ids("handbook")), ...(await ids("leave")), ...(await ids("deep"))];
  expect(stored.map((id) => id.replace("handbook/", "")).toSorted()).toEqual(["deep/office.txt", "leave.md"]);
});

it("shows a document with its chunks", async () => {
  const page = await openDocuments();
  await page
    .locator(".library tbody a", { hasText: /^Ferry$/ })
    .first()
    .click();
  await page.locator("ol.chunks li").first().waitFor();
  expect(await page.locator("ol.chunks li").count()).toBe(1);
  expect(await page.locator("ol.chunks").innerText()).toContain("leaves at noon");
});

it("deletes a document after some seconds, and keeps one that is taken back", async () => {
  const page = await openDocuments();
  const remove = (id: string) => page.getByRole("button", { name: `Delete ${id}`, exact: true });
  await remove("ferry-md.md").click();
  await page.getByRole("button", { name: "Undo: keep ferry-md.md" }).click();
  await remove("ferry-md.md").waitFor();
  await remove("ferry-txt.txt").click();
  expect(await ids("ferry-txt")).toEqual(["ferry-txt.txt"]);
  await page.mouse.move(5, 5);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await expect.poll(() => ids("ferry-txt"), { timeout: 30_000 }).toEqual([]);
  expect(await ids("ferry-md.")).toEqual(["ferry-md.md"]);
  expect(await remove("ferry-txt.txt").count()).toBe(0);
});
