import { Hono } from "hono";
import { problem } from "#console/server/api.ts";
import type { UploadOptions, Uploads } from "./uploads.ts";

/**
 * Adds the routes of files to the console's API. What reads files is loaded with the first request: it takes most of a
 * second, while npm run dev starts.
 */
export function mountFiles(api: Hono, options: UploadOptions): Pick<Uploads, "close"> {
  let uploads: Uploads | undefined;
  let files: Promise<Hono> | undefined;

  async function load(): Promise<Hono> {
    const [{ addFileRoutes }, { createUploads }] = await Promise.all([import("./routes.ts"), import("./uploads.ts")]);
    uploads = createUploads(options);
    const app = new Hono().basePath("/console/api") as Hono;
    app.onError((error) => problem(500, error.message));
    addFileRoutes(app, uploads);
    return app;
  }

  api.all("/files", async ({ req }) => {
    files ??= load();
    return (await files).fetch(req.raw);
  });
  return { close: () => uploads?.close() };
}
