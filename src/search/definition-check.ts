/**
 * Whether a definition that came as bytes could have been declared: FT.CREATE looks at what clients
 * say, and this at what logs and snapshots hold, so that no index is made of numbers that the
 * kernel refuses or that reserve memory for nothing.
 */
import { limits } from "../base/limits.ts";
import type { VectorParameters } from "../vector/vector-index.ts";
import type { Schema } from "./schema.ts";

/** What is wrong with it; undefined if nothing is. */
export function explainSchema(schema: Schema): string | undefined {
  const { attributes } = schema;
  if (attributes.length > limits.searchAttributesMax) return `${attributes.length} attributes`;
  if (!areFinite(schema.defaultScore, schema.createdAtMs)) return "a number that is none";
  const aliases = new Set(attributes.map(({ alias }) => alias));
  if (aliases.size < attributes.length) return "an attribute that comes twice";
  for (const attribute of attributes) {
    if (attribute.type === "TEXT" && !areFinite(attribute.weight)) return "a weight that is none";
    if (attribute.type !== "VECTOR") continue;
    const wrong = explainVector(attribute.parameters);
    if (wrong !== undefined) return `${wrong} of the vectors ${JSON.stringify(attribute.alias)}`;
  }
  return undefined;
}

function explainVector(parameters: VectorParameters): string | undefined {
  const bounds: readonly [string, number, number, number][] = [
    ["dimensions", parameters.dimensions, 1, limits.vectorDimensionsMax],
    ["initial capacity", parameters.initialCapacity, 0, limits.vectorCapacityMax],
    ["M", parameters.m, 0, limits.hnswLinksMax],
    ["EF_CONSTRUCTION", parameters.efConstruction, 1, limits.hnswEfConstructionMax],
    ["EF_RUNTIME", parameters.efRuntime, 1, limits.hnswEfRuntimeMax],
    ["block size", parameters.blockSize, 0, limits.vectorCapacityMax],
    ["bits of neighbor codes", parameters.neighborCodeBits, 0, limits.neighborCodeBitsMax],
  ];
  for (const [name, value, least, most] of bounds) {
    if (value < least || value > most) return `${value} as ${name}`;
  }
  const { epsilon } = parameters;
  return epsilon >= 0 && areFinite(epsilon) ? undefined : `${epsilon} as EPSILON`;
}

function areFinite(...values: readonly number[]): boolean {
  return values.every(Number.isFinite);
}
