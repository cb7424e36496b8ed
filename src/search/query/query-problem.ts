/**
 * What is wrong with a query, with the place in its text where it shows.
 *
 * Thrown inside the parser and the checker, caught at their doors and answered as an error reply.
 */
import { ErrorReply } from "../../base/errors.ts";

export class QueryProblem extends Error {
  override readonly name = "QueryProblem";
}

export function problemAt(text: string, offset: number, reason: string): QueryProblem {
  return new QueryProblem(`Syntax error at ${placeOf(text, offset)}: ${reason}`);
}

/** RediSearch's own text, which clients may match on, and then the place. */
export function knownProblemAt(text: string, offset: number, known: string): QueryProblem {
  return new QueryProblem(`${known} at ${placeOf(text, offset)}`);
}

function placeOf(text: string, offset: number): string {
  const near = printable(text.slice(offset, offset + 24));
  return `offset ${offset} ${near === "" ? "at the end" : `near \`${near}\``}`;
}

/** Part of a query for an error line: error replies are one line of ASCII. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

/** Runs what may find a problem; anything else that is thrown is a defect and goes on. */
export function orProblem<Result>(run: () => Result): Result | ErrorReply {
  try {
    return run();
  } catch (problem) {
    if (problem instanceof QueryProblem) return new ErrorReply(problem.message);
    throw problem;
  }
}
