/**
 * Assertions that stay on in production: what *we* did wrong. A failed one is fatal (exit 70);
 * a crash is better than corrupt data. What a user did wrong is an ErrorReply (`errors.ts`) and
 * what the world did wrong a typed result where it happens.
 */

export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** The value, which the caller knows to be present; fatal if it is not. */
export function must<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new AssertionFailure(message);
  return value;
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${String(value)}`);
}
