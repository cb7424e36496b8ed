/**
 * An `Output` of a tool that keeps the lines.
 */
import type { Output } from "../../src/tools/output.ts";

export class KeptOutput implements Output {
  readonly isClosed = false;
  readonly lines: string[] = [];
  readonly said: string[] = [];
  readonly progressed: string[] = [];

  async print(line: string): Promise<void> {
    this.lines.push(line);
  }

  say(line: string): void {
    this.said.push(line);
  }

  progress(line: string): void {
    this.progressed.push(line);
  }

  /** The lines as the JSON that they are. */
  get objects(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line));
  }
}
