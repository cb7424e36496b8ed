/**
 * Exact distances of a few documents, on the event loop: those that came while the vector engine
 * searched. The same sums as the engine's, so that ties stay ties.
 */
import { exactDistance, measuredVector } from "../../vector/exact-distance.ts";
import { decodeVector, vectorProblem } from "../../vector/vector-codec.ts";
import type { PresentState } from "./execute.ts";
import type { ResolvedNearest, ResolvedRange } from "./resolve.ts";

export interface Measured {
  readonly id: number;
  readonly distance: number;
}

export function measure(
  clause: ResolvedNearest | ResolvedRange,
  ids: readonly number[],
  state: PresentState,
): Measured[] {
  const measured: Measured[] = [];
  if (ids.length === 0) return measured;
  const { type, dimensions, metric } = clause.attribute.index.parameters;
  const query = measuredVector(decodeVector(type, clause.query));
  for (const id of ids) {
    if (!clause.attribute.documents.has(id)) continue;
    const blob = state.vectorOf(id, clause.field);
    if (blob === undefined || vectorProblem(type, dimensions, blob) !== undefined) continue;
    const stored = measuredVector(decodeVector(type, blob));
    measured.push({ id, distance: exactDistance(metric, query, stored) });
  }
  return measured;
}
