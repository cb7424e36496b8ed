/**
 * Exact distances of a few documents, on the event loop: those that came while the vector engine
 * searched. The same sums as the engine's, so that ties stay ties.
 */

import { distance, inverseNorm, type RowValues } from "../../vector/distance-kernels.ts";
import { decodeInto, decodeVector, vectorBytes, vectorProblem } from "../../vector/vector-codec.ts";
import type { VectorType } from "../../vector/vector-index.ts";
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
  const query = decodeVector(type, clause.query);
  const queryNorm = inverseNorm(query, 0, dimensions);
  const row = rowFor(type, dimensions);
  for (const id of ids) {
    if (!clause.attribute.documents.has(id)) continue;
    const blob = state.vectorOf(id, clause.field);
    if (blob === undefined || vectorProblem(type, dimensions, blob) !== undefined) continue;
    decodeInto(type, blob, row, 0);
    const norms = inverseNorm(row, 0, dimensions) * queryNorm;
    measured.push({ id, distance: distance(metric, row, 0, query, norms) });
  }
  return measured;
}

function rowFor(type: VectorType, dimensions: number): RowValues {
  if (type === "INT8") return new Int8Array(new SharedArrayBuffer(dimensions));
  if (type === "UINT8") return new Uint8Array(new SharedArrayBuffer(dimensions));
  if (type === "FLOAT64") {
    return new Float64Array(new SharedArrayBuffer(vectorBytes(type, dimensions)));
  }
  return new Float32Array(new SharedArrayBuffer(vectorBytes("FLOAT32", dimensions)));
}
