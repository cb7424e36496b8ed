/**
 * Standard output for whoever writes much of it: waits while the reader is slow, and knows when the
 * reader has left (`| head`), which is an end and no failure.
 */

export class StandardOutput {
  #isClosed = false;

  constructor() {
    process.stdout.on("error", () => {
      this.#isClosed = true;
    });
  }

  /** Nobody reads any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  write(text: string): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      process.stdout.write(text, (failure) => {
        if (failure !== undefined && failure !== null) this.#isClosed = true;
        resolve();
      });
    });
  }
}
