/**
 * The open load as a process of its own, so that the bench's other work does not delay it:
 * `node open-load-process.ts JSON` takes an OpenLoad and prints its figures as JSON.
 */
import { type OpenLoad, runOpenLoad } from "./open-load.ts";

try {
  const load = JSON.parse(process.argv[2]) as OpenLoad;
  process.stdout.write(`${JSON.stringify(await runOpenLoad(load))}\n`);
} catch (reason) {
  process.stderr.write(`${reason instanceof Error ? reason.message : String(reason)}\n`);
  process.exitCode = 1;
}
