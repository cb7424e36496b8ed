/**
 * Where a tool's words go: results to standard output, everything else to standard error.
 */
import { StandardOutput } from "../runtime/standard-output.ts";
import { startup } from "../runtime/startup.ts";

export interface Output {
  /** A line of the result; resolves when there is room for the next. */
  print(line: string): Promise<void>;
  /** Nobody reads the result any more: the rest need not be found out. */
  readonly isClosed: boolean;
  /** A sentence for whoever waits. */
  say(line: string): void;
  /** How far long work is: shown on a terminal, or when it was asked for. */
  progress(line: string): void;
}

const BATCH_BYTES = 32 * 1024;

/** Lines leave in batches: call `flush` at the end. */
export class ProcessOutput implements Output {
  readonly #standard = new StandardOutput();
  readonly #showsProgress: boolean;
  #lines: string[] = [];
  #byteCount = 0;

  constructor(showsProgress: boolean) {
    this.#showsProgress = showsProgress || startup.isErrorTerminal();
  }

  get isClosed(): boolean {
    return this.#standard.isClosed;
  }

  async print(line: string): Promise<void> {
    this.#lines.push(line);
    this.#byteCount += line.length;
    if (this.#byteCount >= BATCH_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    this.#byteCount = 0;
    await this.#standard.write(text);
  }

  say(line: string): void {
    startup.printError(`${line}\n`);
  }

  progress(line: string): void {
    if (this.#showsProgress) this.say(line);
  }
}
