/**
 * Progress on one line of a terminal: done, total, rate, time left. Without a terminal it prints a
 * plain line now and then, so that logs stay readable.
 */
const WIDTH = 24;
const TERMINAL_PERIOD_MS = 100;
const PLAIN_PERIOD_MS = 5000;

export class ProgressBar {
  readonly #label: string;
  readonly #total: number;
  readonly #unit: string;
  readonly #startedAt: number;
  /** Work done before this process began (a resumed one). */
  readonly #before: number;
  #done: number;
  #printedAt: number;

  constructor(label: string, total: number, unit = "", before = 0) {
    this.#label = label;
    this.#total = total;
    this.#unit = unit;
    this.#before = before;
    this.#done = before;
    this.#startedAt = performance.now();
    this.#printedAt = this.#startedAt;
    if (process.stdout.isTTY) this.#print();
  }

  advance(count: number): void {
    this.set(this.#done + count);
  }

  set(done: number): void {
    this.#done = done;
    const now = performance.now();
    const period = process.stdout.isTTY ? TERMINAL_PERIOD_MS : PLAIN_PERIOD_MS;
    if (now - this.#printedAt < period) return;
    this.#printedAt = now;
    this.#print();
  }

  finish(): void {
    this.#print();
    if (process.stdout.isTTY) process.stdout.write("\n");
  }

  #print(): void {
    const share = this.#total === 0 ? 1 : Math.min(1, this.#done / this.#total);
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const rate = seconds > 0 ? (this.#done - this.#before) / seconds : 0;
    const left = rate > 0 ? (this.#total - this.#done) / rate : 0;
    const filled = Math.round(share * WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    const unit = this.#unit === "" ? "" : ` ${this.#unit}`;
    const figures =
      `${String(Math.floor(share * 100)).padStart(3)} %  ${this.#done}/${this.#total}${unit}` +
      `  ${rateText(rate)}/s` +
      (share < 1 ? `  ${timeText(left)} left` : `  in ${timeText(seconds)}`);
    const line = `  ${this.#label} ${bar} ${figures}`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}\x1b[K`);
    else process.stdout.write(`${line}\n`);
  }
}

function rateText(rate: number): string {
  return rate >= 100 ? String(Math.round(rate)) : rate.toFixed(1);
}

export function timeText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
