/**
 * What a pattern of SORT's BY and GET stands for: `weight_*` a string's value, `object_*->field` a
 * field of a hash, with the element in place of the first `*`, and `#` the element itself.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { CommandContext } from "../context.ts";

const ARROW = "->";

export class SortPattern {
  readonly #isElement: boolean;
  /** Undefined for a pattern without `*`, which stands for nothing. */
  readonly #before: string | undefined;
  readonly #after: string;
  readonly #field: string | undefined;

  constructor(text: string) {
    this.#isElement = text === "#";
    const star = text.indexOf("*");
    this.#before = star < 0 ? undefined : text.slice(0, star);
    const rest = text.slice(star + 1);
    const arrow = rest.indexOf(ARROW);
    // An arrow at the end belongs to the key.
    const hasField = arrow >= 0 && arrow + ARROW.length < rest.length;
    this.#after = hasField ? rest.slice(0, arrow) : rest;
    this.#field = hasField ? rest.slice(arrow + ARROW.length) : undefined;
  }

  /** Undefined where there is no such key or field, or one of another type. */
  valueFor(context: CommandContext, element: Bytes): Bytes | undefined {
    if (this.#isElement) return element;
    if (this.#before === undefined) return undefined;
    const keyBytes = this.#before.length + element.length + this.#after.length;
    // No key is as long, and there may be no such string.
    if (keyBytes > limits.argumentBytesMax) return undefined;
    const key = this.#before + toBinaryString(element) + this.#after;
    if (this.#field === undefined) {
      const value = context.lookupString(key);
      return value instanceof ErrorReply ? undefined : value;
    }
    const hash = context.lookupHash(key);
    return hash instanceof ErrorReply ? undefined : hash?.get(this.#field);
  }
}
