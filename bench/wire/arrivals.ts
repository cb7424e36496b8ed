/**
 * When the requests of an open load are due: a Poisson process, as many clients that know nothing
 * of each other make it. Evenly spaced requests could fall into step with a server's own rhythm,
 * and always miss its syncs or always meet them. The same seed gives the same arrivals.
 */
export class Arrivals {
  readonly #random: () => number;
  readonly #meanGapMs: number;
  #nextMs: number;

  constructor(requestsPerSecond: number, random: () => number) {
    this.#random = random;
    this.#meanGapMs = 1000 / requestsPerSecond;
    this.#nextMs = this.#gapMs();
  }

  /** The next request is due so long after the begin. */
  get nextMs(): number {
    return this.#nextMs;
  }

  advance(): void {
    this.#nextMs += this.#gapMs();
  }

  #gapMs(): number {
    return -Math.log(1 - this.#random()) * this.#meanGapMs;
  }
}
