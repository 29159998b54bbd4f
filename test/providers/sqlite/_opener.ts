/** A worker thread that opens a new file whenever it is signalled, and posts "ok" or the error. */
import { parentPort, workerData } from "node:worker_threads";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";

const signal = new Int32Array(workerData.signal as SharedArrayBuffer);
parentPort?.postMessage("ready");
for (let round = 0; round < workerData.rounds; round++) {
  Atomics.wait(signal, 0, round); // until the next round is signalled
  try {
    const path = `${workerData.folder}/${round}.db`;
    const database = await openSqliteDatabase({ path, model: "m", dimensions: 4 });
    database.close();
    parentPort?.postMessage("ok");
  } catch (error) {
    parentPort?.postMessage(String(error));
  }
}
