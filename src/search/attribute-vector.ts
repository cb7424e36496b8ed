/**
 * VECTOR: checks the bytes of a field and hands them to the engine's index.
 *
 * What the engine gets always has the declared size and only finite numbers, so that no distance
 * is ever NaN; anything else is left out and counted, as is what there is no memory for.
 */
import { Bitmap } from "../base/bitmap.ts";
import { type Bytes, toBuffer } from "../base/bytes.ts";
import { vectorProblem } from "../vector/vector-codec.ts";
import type { VectorEngine, VectorIndex } from "../vector/vector-index.ts";
import type { IndexedAttribute } from "./attribute.ts";
import type { VectorDeclaration } from "./schema.ts";
import type { VectorAttribute } from "./search-index.ts";

export class VectorField implements VectorAttribute, IndexedAttribute {
  readonly kind = "VECTOR";
  readonly declaration: VectorDeclaration;
  readonly index: VectorIndex;
  readonly documents: Bitmap;

  constructor(declaration: VectorDeclaration, engine: VectorEngine) {
    this.declaration = declaration;
    this.index = engine.create(declaration.parameters);
    this.documents = new Bitmap();
  }

  add(id: number, value: Bytes): string | undefined {
    const vector = toBuffer(value);
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
    if (!this.index.add(id, vector)) return "Could not add vector: there is no memory left for it";
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
