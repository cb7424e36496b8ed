/**
 * A process that ends as one does whose disk failed, while a call on another thread never returns:
 * the opening of a pipe that nobody writes to, whose path is the argument.
 */
import { open } from "node:fs";
import { ExitCode, systemProcess } from "../../src/runtime/process.ts";

open(process.argv[2], "r", () => undefined);
setTimeout(() => systemProcess.exit(ExitCode.disk), 100);
