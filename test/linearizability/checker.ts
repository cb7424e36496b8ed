/**
 * Decides whether a history is linearizable: whether some order of its operations, in which none
 * comes before one that was answered before it was called, gives each answer. It is Wing and Gong's
 * search with Lowe's two improvements: events in a linked list, from which an operation is lifted
 * when it is placed, and a memory of the sets and states that led nowhere.
 *
 * More cuts, none of which loses an order. A read that fits is placed at once, with no alternative.
 * Operations without an answer are no part of the list: they are tried last, are never needed, are
 * passed over where they change nothing, and go in the order of their calls where they are alike.
 */
import { isOpen, type Model, type Operation } from "./history.ts";
import { NumberSet, Visited } from "./visited.ts";

/** A few seconds. A correct server's histories take hundreds, and after deaths some 100,000. */
export const STEPS_MAX = 3_000_000;

export interface Verdict<Input, Output> {
  /** Undecided: the search was given up. */
  readonly result: "linearizable" | "violation" | "undecided";
  readonly stepCount: number;
  /** The order that places most answered operations, and the state it ends in. */
  readonly order: readonly Operation<Input, Output>[];
  readonly state: string;
}

class EventNode {
  /** Of the operation; the head and the tail have -1. */
  readonly index: number;
  readonly at: number;
  readonly isCall: boolean;
  previous: EventNode = this;
  next: EventNode = this;

  constructor(index: number, at: number, isCall: boolean) {
    this.index = index;
    this.at = at;
    this.isCall = isCall;
  }
}

interface Placed {
  readonly index: number;
  readonly stateBefore: string;
  readonly isForced: boolean;
}

function unlink(node: EventNode): void {
  node.previous.next = node.next;
  node.next.previous = node.previous;
}

function relink(node: EventNode): void {
  node.previous.next = node;
  node.next.previous = node;
}

class Search<Input, Output> {
  readonly #model: Model<Input, Output>;
  /** Answered ones first, then the open ones, both in the order of their calls. */
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #answeredCount: number;
  readonly #calls: EventNode[] = [];
  readonly #returns: EventNode[] = [];
  readonly #head = new EventNode(-1, Number.NEGATIVE_INFINITY, true);
  readonly #isPlaced: boolean[];
  readonly #placedAnswered: NumberSet;
  readonly #placedOpen: NumberSet;
  /** Of an open operation: one that is alike and was called before it, or -1. */
  readonly #twins: readonly number[];
  readonly #visited = new Visited();
  readonly #placed: Placed[] = [];
  #placedAnswerCount = 0;
  #best: readonly number[] = [];
  #bestAnswerCount = -1;
  #bestState: string;
  #state: string;
  #stepCount = 0;

  constructor(model: Model<Input, Output>, history: readonly Operation<Input, Output>[]) {
    this.#model = model;
    const byCall = history.toSorted((left, right) => left.calledAt - right.calledAt);
    const answered = byCall.filter((operation) => !isOpen(operation));
    // An unanswered read tells nothing and changes nothing.
    const open = byCall.filter((one) => isOpen(one) && !model.isRead(one.input));
    this.#operations = [...answered, ...open];
    this.#answeredCount = answered.length;
    this.#isPlaced = this.#operations.map(() => false);
    this.#placedAnswered = new NumberSet(answered.length);
    this.#placedOpen = new NumberSet(open.length);
    const inputs = open.map(({ input }) => JSON.stringify(input));
    this.#twins = inputs.map((input, at) => inputs.slice(0, at).lastIndexOf(input));
    this.#state = model.initial;
    this.#bestState = model.initial;
    this.#linkEvents();
  }

  run(stepsMax: number): Verdict<Input, Output> {
    // The next candidate: an index of an operation, or the count of operations if there is none.
    let candidate = this.#first();
    let result: Verdict<Input, Output>["result"] = "violation";
    for (;;) {
      if (this.#placedAnswerCount === this.#answeredCount) {
        result = "linearizable";
        this.#noteBest();
        break;
      }
      if (candidate < this.#operations.length) {
        this.#stepCount += 1;
        if (this.#stepCount > stepsMax) {
          result = "undecided";
          break;
        }
        candidate = this.#try(candidate);
        continue;
      }
      this.#noteBest();
      const back = this.#takeBack();
      if (back < 0) break;
      candidate = this.#following(back);
    }
    const order = this.#best.map((index) => this.#operations[index]);
    return { result, stepCount: this.#stepCount, order, state: this.#bestState };
  }

  #linkEvents(): void {
    for (let index = 0; index < this.#answeredCount; index += 1) {
      const { calledAt, returnedAt } = this.#operations[index];
      this.#calls.push(new EventNode(index, calledAt, true));
      this.#returns.push(new EventNode(index, returnedAt, false));
    }
    // At the same time calls come first: who meets is concurrent.
    const events = [...this.#calls, ...this.#returns].sort(
      (left, right) => left.at - right.at || Number(right.isCall) - Number(left.isCall),
    );
    const tail = new EventNode(-1, Number.POSITIVE_INFINITY, false);
    let last = this.#head;
    for (const node of [...events, tail]) {
      node.previous = last;
      last.next = node;
      last = node;
    }
  }

  /** The candidate after it is tried: the first of all if it fits, else the one that follows. */
  #try(index: number): number {
    const { input, output } = this.#operations[index];
    const next = this.#model.step(this.#state, input, output);
    if (next === undefined) return this.#following(index);
    const isAnswered = index < this.#answeredCount;
    if (!isAnswered && next === this.#state) return this.#following(index);
    const isForced = isAnswered && this.#model.isRead(input);
    this.#flip(index);
    if (!this.#visited.add(this.#placedAnswered, this.#placedOpen, next)) {
      this.#flip(index);
      return isForced ? this.#operations.length : this.#following(index);
    }
    this.#placed.push({ index, stateBefore: this.#state, isForced });
    this.#state = next;
    this.#isPlaced[index] = true;
    if (isAnswered) {
      this.#placedAnswerCount += 1;
      unlink(this.#calls[index]);
      unlink(this.#returns[index]);
    }
    return this.#first();
  }

  /** Undoes the last choice, and what followed from it; -1 if there is none left. */
  #takeBack(): number {
    for (;;) {
      const placed = this.#placed.pop();
      if (placed === undefined) return -1;
      const { index } = placed;
      this.#state = placed.stateBefore;
      this.#isPlaced[index] = false;
      this.#flip(index);
      if (index < this.#answeredCount) {
        this.#placedAnswerCount -= 1;
        relink(this.#returns[index]);
        relink(this.#calls[index]);
      }
      if (!placed.isForced) return index;
    }
  }

  #first(): number {
    const node = this.#head.next;
    return node.isCall ? node.index : this.#openFrom(this.#answeredCount, node.at);
  }

  #following(index: number): number {
    if (index >= this.#answeredCount) return this.#openFrom(index + 1, this.#firstReturnAt());
    const { next } = this.#calls[index];
    return next.isCall ? next.index : this.#openFrom(this.#answeredCount, next.at);
  }

  /** The first open one from there that was called before the given time. */
  #openFrom(start: number, before: number): number {
    for (let index = start; index < this.#operations.length; index += 1) {
      if (this.#operations[index].calledAt > before) break;
      if (this.#isPlaced[index]) continue;
      const twin = this.#twins[index - this.#answeredCount];
      if (twin < 0 || this.#isPlaced[this.#answeredCount + twin]) return index;
    }
    return this.#operations.length;
  }

  #flip(index: number): void {
    if (index < this.#answeredCount) this.#placedAnswered.flip(index);
    else this.#placedOpen.flip(index - this.#answeredCount);
  }

  #firstReturnAt(): number {
    let node = this.#head.next;
    while (node.isCall) node = node.next;
    return node.at;
  }

  #noteBest(): void {
    if (this.#placedAnswerCount <= this.#bestAnswerCount) return;
    this.#bestAnswerCount = this.#placedAnswerCount;
    this.#best = this.#placed.map(({ index }) => index);
    this.#bestState = this.#state;
  }
}

export function check<Input, Output>(
  model: Model<Input, Output>,
  history: readonly Operation<Input, Output>[],
  stepsMax = STEPS_MAX,
): Verdict<Input, Output> {
  return new Search(model, history).run(stepsMax);
}
