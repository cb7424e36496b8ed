/**
 * What `main.ts` needs of the world before there is a node: flags, environment, the configuration
 * file, and the two standard streams.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { flushCompileCache } from "node:module";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";

export const startup = {
  flags: (): readonly string[] => process.argv.slice(2),
  environment: (): Readonly<Record<string, string | undefined>> => process.env,
  readFile: (path: string): string => readFileSync(path, "utf8"),
  /** Whole or not at all, and durable: written beside it, synced and renamed. */
  writeFile(path: string, text: string): void {
    const beside = `${path}.new`;
    try {
      writeFileSync(beside, text, { mode: 0o600, flush: true });
      renameSync(beside, path);
    } catch (failure) {
      rmSync(beside, { force: true });
      throw failure;
    }
    const folder = openSync(dirname(path), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
  print(text: string): void {
    process.stdout.write(text);
  },
  printError(text: string): void {
    process.stderr.write(text);
  },
  isErrorTerminal: (): boolean => process.stderr.isTTY === true,
  /** Once everything printed has left. */
  exitLater(code: number): void {
    process.exitCode = code;
  },
  /**
   * Where NODE_COMPILE_CACHE names a folder, as `npm start` does, the modules that were loaded are
   * kept there as they were compiled. Without it node makes JavaScript of TypeScript at each start,
   * with a compiler that stays in memory: 25 MB.
   */
  keepCompiled: (): void => flushCompileCache(),
  processorCount: (): number => availableParallelism(),
};
