/**
 * Answers that leave a search thread together, in three arrays: crossing costs by the
 * object, hardly by the byte.
 */
import type { SortedNeighbors } from "./top-list.ts";
import type { SearchThreadReply } from "./vector-protocol.ts";

/** In place of a count. */
export const LATE = -1;

export class ReplyBatch {
  #requests: number[];
  #answers: SortedNeighbors[];

  constructor() {
    this.#requests = [];
    this.#answers = [];
  }

  get requestCount(): number {
    return this.#requests.length / 3;
  }

  addAnswer(index: number, request: number, answer: SortedNeighbors): void {
    this.#requests.push(index, request, answer.ids.length);
    this.#answers.push(answer);
  }

  /** Given up after its deadline; the bitmaps that it was lent go back. */
  addLate(index: number, request: number): void {
    this.#requests.push(index, request, LATE);
  }

  /** Null when there is nothing to send. */
  take(): SearchThreadReply | null {
    if (this.#requests.length === 0) return null;
    let count = 0;
    for (const answer of this.#answers) count += answer.ids.length;
    const ids = new Uint32Array(count);
    const distances = new Float32Array(count);
    let offset = 0;
    for (const answer of this.#answers) {
      ids.set(answer.ids, offset);
      distances.set(answer.distances, offset);
      offset += answer.ids.length;
    }
    const requests = Float64Array.from(this.#requests);
    const reply = { requests, ids, distances };
    this.#requests = [];
    this.#answers = [];
    return reply;
  }
}
