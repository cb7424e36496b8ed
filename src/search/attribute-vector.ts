/**
 * VECTOR: checks the bytes of a field and hands them to the engine's index.
 *
 * What the engine gets always has the declared size and only finite numbers, so that no distance
 * is ever NaN; anything else is left out and counted.
 */
import { Bitmap } from "../base/bitmap.ts";
import { type Bytes, toBuffer } from "../base/bytes.ts";
import type { VectorEngine, VectorIndex, VectorType } from "../vector/vector-index.ts";
import type { IndexedAttribute } from "./attribute.ts";
import type { VectorDeclaration } from "./schema.ts";
import type { VectorAttribute } from "./search-index.ts";

export const elementBytes: Readonly<Record<VectorType, number>> = {
  FLOAT32: 4,
  FLOAT64: 8,
  FLOAT16: 2,
  BFLOAT16: 2,
  INT8: 1,
  UINT8: 1,
};

export class VectorField implements VectorAttribute, IndexedAttribute {
  readonly kind = "VECTOR";
  readonly declaration: VectorDeclaration;
  readonly index: VectorIndex;
  readonly documents: Bitmap;
  readonly #sizeBytes: number;

  constructor(declaration: VectorDeclaration, engine: VectorEngine) {
    this.declaration = declaration;
    this.index = engine.create(declaration.parameters);
    this.documents = new Bitmap();
    const { type, dimensions } = declaration.parameters;
    this.#sizeBytes = elementBytes[type] * dimensions;
  }

  add(id: number, value: Bytes): string | undefined {
    if (value.length !== this.#sizeBytes) {
      return (
        `Could not add vector with blob size ${value.length} ` +
        `(expected size ${this.#sizeBytes})`
      );
    }
    const vector = toBuffer(value);
    if (!isFiniteVector(vector, this.declaration.parameters.type)) {
      return "Could not add vector: it has a component that is not a finite number";
    }
    this.index.add(id, vector);
    this.documents.add(id);
    return undefined;
  }

  remove(id: number, _value: Bytes): void {
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

/** Whether no component is NaN or infinite: their exponents are all ones. Little-endian. */
function isFiniteVector(vector: Buffer, type: VectorType): boolean {
  const width = elementBytes[type];
  if (width === 1) return true;
  if (type === "FLOAT16") {
    for (let place = 1; place < vector.length; place += 2) {
      if ((vector[place] & 0x7c) === 0x7c) return false;
    }
    return true;
  }
  const secondMin = type === "FLOAT64" ? 0xf0 : 0x80;
  for (let place = width - 1; place < vector.length; place += width) {
    if ((vector[place] & 0x7f) === 0x7f && vector[place - 1] >= secondMin) return false;
  }
  return true;
}
