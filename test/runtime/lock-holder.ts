/**
 * A process that takes a folder's lock, says so, and holds it until it is killed.
 */
import { systemDisk } from "../../src/runtime/system-disk.ts";

const folder = process.argv[2];
const lock = await systemDisk.lock(folder, `pid ${process.pid}, 127.0.0.1:7001`);
process.stdout.write("held\n");
process.stdin.on("data", () => {
  lock.release().then(() => process.stdout.write("released\n"));
});
