/**
 * A history: what clients asked, what they were answered, and in which order they saw both. Times
 * are positions in one order of events of the whole history, not milliseconds. A model says which
 * answers one single-threaded object could give. Its state is a string, so that states compare and
 * hash as values whatever they hold.
 */

export interface Operation<Input, Output> {
  readonly client: number;
  readonly input: Input;
  /** Before the first byte was sent. */
  readonly calledAt: number;
  /** After the answer came; Infinity if none did: it may have happened at any time, or never. */
  returnedAt: number;
  output: Output | undefined;
}

export interface Model<Input, Output> {
  readonly initial: string;
  /**
   * The state after the operation; undefined if it could not answer so in this state. An unknown
   * output (undefined) fits every state.
   */
  step(state: string, input: Input, output: Output | undefined): string | undefined;
  /** Never changes the state. */
  isRead(input: Input): boolean;
  describe(input: Input, output: Output | undefined): string;
}

export function isOpen(operation: Operation<unknown, unknown>): boolean {
  return operation.returnedAt === Number.POSITIVE_INFINITY;
}

/** What was known right after the n-th answer, from 1: no later answer, no later call. */
export function prefixOf<Input, Output>(
  history: readonly Operation<Input, Output>[],
  answerCount: number,
): Operation<Input, Output>[] {
  const answers = history.filter((operation) => !isOpen(operation)).map((one) => one.returnedAt);
  const end = answers.sort((left, right) => left - right)[answerCount - 1] ?? 0;
  return history
    .filter((operation) => operation.calledAt <= end)
    .map((operation) =>
      operation.returnedAt <= end
        ? operation
        : { ...operation, returnedAt: Number.POSITIVE_INFINITY, output: undefined },
    );
}
