/**
 * VECTOR: checks the bytes of a field and hands them to the engine's index.
 *
 * What the engine gets always has the declared size and only finite numbers, so that no distance
 * is ever NaN; anything else is left out and counted, as is what there is no memory for.
 */
import { Bitmap } from "../base/bitmap.ts";
import { toBuffer } from "../base/bytes.ts";
import { type FieldValue, isStored } from "../keyspace/stored-bytes.ts";
import { StoredVector } from "../vector/float-store.ts";
import { vectorProblem } from "../vector/vector-codec.ts";
import type { VectorEngine, VectorIndex } from "../vector/vector-index.ts";
import type { VectorDeclaration } from "./schema.ts";
import type { VectorAttribute } from "./search-index.ts";

export class VectorField implements VectorAttribute {
  readonly kind = "VECTOR";
  readonly declaration: VectorDeclaration;
  readonly index: VectorIndex;
  readonly documents: Bitmap;
  graphLoad: string;

  constructor(declaration: VectorDeclaration, engine: VectorEngine) {
    this.declaration = declaration;
    this.index = engine.create(declaration.parameters);
    this.documents = new Bitmap();
    this.graphLoad = "built";
  }

  /** Whether the index reads a vector that lies in the store, instead of a copy. */
  get isSharing(): boolean {
    return this.index.addStored !== undefined;
  }

  /** Why the value cannot be indexed; undefined if it can. */
  problemWith(value: FieldValue): string | undefined {
    const vector = bytesOf(value);
    const { type, dimensions } = this.declaration.parameters;
    const problem = vectorProblem(type, dimensions, vector);
    if (problem?.kind === "size") {
      return (
        `Could not add vector with blob size ${problem.actualBytes} ` +
        `(expected size ${problem.expectedBytes})`
      );
    }
    if (problem !== undefined) {
      return `Could not add vector: dimension ${problem.dimension} is ${problem.value}`;
    }
    return undefined;
  }

  /** A value without a problem; why it could not be taken in after all. */
  take(id: number, value: FieldValue): string | undefined {
    const { index } = this;
    const isAdded =
      index.addStored !== undefined && value instanceof StoredVector
        ? index.addStored(id, value)
        : index.add(id, bytesOf(value));
    if (!isAdded) return "Could not add vector: there is no memory left for it";
    this.documents.add(id);
    return undefined;
  }

  remove(id: number): void {
    if (this.documents.remove(id)) this.index.remove(id);
  }

  get usedBytes(): number {
    return this.index.progress().bytes + this.documents.words.byteLength;
  }

  get termCount(): number {
    return 0;
  }

  get recordCount(): number {
    return this.documents.count;
  }
}

function bytesOf(value: FieldValue): Buffer {
  return isStored(value) ? value.copy() : toBuffer(value);
}
