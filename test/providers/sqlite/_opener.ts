/** A worker thread that opens the files it is told of, at the moment it is told; answers "ok" or the error. */
import { parentPort, workerData } from "node:worker_threads";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";

const signal = new Int32Array(workerData.signal as SharedArrayBuffer);
parentPort?.postMessage("ready");
for (let round = 0; round < workerData.rounds; round++) {
  Atomics.wait(signal, 0, round); // until the signal is past this round
  try {
    const path = `${workerData.folder}/${round}.db`;
    const database = await openSqliteDatabase({ path, model: "m", dimensions: 4 });
    database.close();
    parentPort?.postMessage("ok");
  } catch (error) {
    parentPort?.postMessage(String(error));
  }
}
