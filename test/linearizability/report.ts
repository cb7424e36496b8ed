/**
 * Why a history is no history of one object, for a reader: the smallest prefix of it that is none,
 * and what happened around its end. A prefix of a linearizable history is linearizable, so the
 * smallest is found by halving.
 */
import { check, type Verdict } from "./checker.ts";
import { isOpen, type Model, type Operation, prefixOf } from "./history.ts";

/** Shown before the end, beside those that are under way there. */
const SHOWN_COUNT = 16;

interface SmallestPrefix<Input, Output> {
  readonly prefix: readonly Operation<Input, Output>[];
  readonly answerCount: number;
  readonly verdict: Verdict<Input, Output>;
}

export function smallestViolation<Input, Output>(
  model: Model<Input, Output>,
  history: readonly Operation<Input, Output>[],
): SmallestPrefix<Input, Output> {
  let least = 1;
  let most = history.filter((operation) => !isOpen(operation)).length;
  while (least < most) {
    const middle = (least + most) >>> 1;
    // What is undecided is no proof: the prefix then grows until one is.
    if (check(model, prefixOf(history, middle)).result === "violation") most = middle;
    else least = middle + 1;
  }
  const prefix = prefixOf(history, least);
  return { prefix, answerCount: least, verdict: check(model, prefix) };
}

export function describeOperation<Input, Output>(
  model: Model<Input, Output>,
  operation: Operation<Input, Output>,
): string {
  const { client, calledAt, returnedAt, input, output } = operation;
  const end = isOpen(operation) ? "      " : String(returnedAt).padStart(6);
  const times = `${String(calledAt).padStart(6)} to ${end}`;
  return `${times}  client ${client}  ${model.describe(input, output)}`;
}

/** Many lines. `name` says which history and key it was, with the seed. */
export function describeViolation<Input, Output>(
  name: string,
  model: Model<Input, Output>,
  history: readonly Operation<Input, Output>[],
): string {
  const { prefix, answerCount, verdict } = smallestViolation(model, history);
  const answered = prefix.filter((operation) => !isOpen(operation));
  const last = answered.reduce((left, right) =>
    left.returnedAt > right.returnedAt ? left : right,
  );
  const shown = prefix
    .filter((one) => one !== last)
    .toSorted(
      (left, right) => left.returnedAt - right.returnedAt || left.calledAt - right.calledAt,
    );
  const openCount = prefix.length - answered.length;
  const left = answered.filter((operation) => !verdict.order.includes(operation));
  const describe = (operation: Operation<Input, Output>): string =>
    `  ${describeOperation(model, operation)}`;
  return [
    `${name}: not linearizable`,
    `the smallest prefix has ${answerCount} answers and ${openCount} operations under way; ` +
      "no order of it explains this answer:",
    describe(last),
    `the order that explains most ends in the state ${JSON.stringify(verdict.state)} and leaves:`,
    ...left.slice(0, SHOWN_COUNT).map(describe),
    "around it:",
    ...shown.slice(-SHOWN_COUNT - openCount).map(describe),
  ].join("\n");
}
