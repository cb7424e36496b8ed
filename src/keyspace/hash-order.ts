/**
 * The dense order of a hash's fields, for HSCAN and HRANDFIELD: made when it is first asked for,
 * and from then on kept by `apply-hash.ts`. Most hashes are never scanned and never pay for it.
 */
import { DenseOrder } from "../data/dense-order.ts";
import type { HashValue } from "./hash-value.ts";

export function denseOrderOf(hash: HashValue): DenseOrder {
  hash.order ??= new DenseOrder(hash.names());
  return hash.order;
}
