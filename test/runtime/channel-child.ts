/**
 * A child of `child-process.test.ts`: says what it was given, and ends as it is asked to.
 */
import { readFileSync } from "node:fs";
import { parentChannel } from "../../src/runtime/child-process.ts";
import { FramedChannel } from "../../src/runtime/framed-channel.ts";

interface Request {
  readonly echo: unknown;
  readonly end?: number | "SIGTERM";
}

const stream = parentChannel();
stream.once("close", () => process.exit(9));
const parent = new FramedChannel(stream, {
  broken: () => process.exit(8),
  async message(raw) {
    const { echo, end } = raw as Request;
    const status = readFileSync("/proc/self/status", "latin1");
    await parent.send({
      echo,
      standardInput: readFileSync(0).length,
      argumentsCount: process.argv.length,
      environment: process.env["LODESTONE_CHILD_TEST"],
      flags: process.execArgv,
      blockedSignals: /SigBlk:\s+(\w+)/.exec(status)?.[1],
      ignoredSignals: /SigIgn:\s+(\w+)/.exec(status)?.[1],
    });
    if (typeof end === "number") process.exit(end);
    else if (end !== undefined) process.kill(process.pid, end);
  },
});
