/**
 * The hash of everything that a simulation did, in order: two runs of a seed must have the same.
 */
import { createHash } from "node:crypto";

export class Trace {
  lineCount = 0;
  readonly #hash = createHash("sha256");
  readonly #lines: string[] | undefined;

  /** With `lines`, they are kept too, to find where two runs part. */
  constructor(lines?: string[]) {
    this.#lines = lines;
  }

  add(line: string): void {
    this.lineCount += 1;
    this.#hash.update(line).update("\n");
    this.#lines?.push(line);
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}
