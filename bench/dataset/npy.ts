/**
 * NumPy's `.npy` files, formats 1.0 to 2.0: float32, float16 and int32, C order, one or two
 * dimensions. float16 is read and written as float32 arrays: it halves a sample in a repository.
 *
 * A reader holds the file open and reads rows when they are asked for, so a file may be larger than
 * memory. A writer appends rows and puts the true row count into the header when it is closed; the
 * header is padded for the largest count from the start, so nothing has to move.
 */

import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { floatsOfHalves, halvesOfFloats } from "./half-floats.ts";

export type NpyArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
export type NpyType = "float32" | "float16" | "int32";

const MAGIC = "\x93NUMPY";
const HEADER_BYTES = 128;
const HEADER_BYTES_MAX = 1 << 20;
const descriptorTypes = new Map<string, NpyType>([
  ["<f4", "float32"],
  ["<f2", "float16"],
  ["<i4", "int32"],
]);
const typeDescriptors: Record<NpyType, string> = { float32: "<f4", float16: "<f2", int32: "<i4" };

function elementBytes(type: NpyType): number {
  return type === "float16" ? 2 : 4;
}

export class NpyReader {
  readonly path: string;
  readonly type: NpyType;
  readonly rowCount: number;
  /** Elements of a row; 1 for a one-dimensional array. */
  readonly columnCount: number;
  readonly #descriptor: number;
  readonly #dataOffset: number;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "r");
    try {
      const header = readHeader(this.#descriptor, path);
      this.type = header.type;
      this.rowCount = header.rowCount;
      this.columnCount = header.columnCount;
      this.#dataOffset = header.dataOffset;
      const expected =
        this.#dataOffset + this.rowCount * this.columnCount * elementBytes(this.type);
      const actual = fstatSync(this.#descriptor).size;
      if (actual < expected) {
        throw new Error(`${path}: cut short, ${actual} bytes of ${expected}`);
      }
    } catch (failure) {
      closeSync(this.#descriptor);
      throw failure;
    }
  }

  /** Rows `start` to `start + count`, cut at the end of the file. */
  readFloats(start: number, count: number): Float32Array<ArrayBuffer> {
    if (this.type !== "float16") this.#require("float32");
    const bytes = this.#readBytes(start, count);
    if (this.type === "float16") return floatsOfHalves(new Uint16Array(bytes.buffer));
    return new Float32Array(bytes.buffer, 0, bytes.length / elementBytes(this.type));
  }

  readIntegers(start: number, count: number): Int32Array<ArrayBuffer> {
    this.#require("int32");
    const bytes = this.#readBytes(start, count);
    return new Int32Array(bytes.buffer, 0, bytes.length / elementBytes(this.type));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #require(type: NpyType): void {
    if (this.type !== type) throw new Error(`${this.path}: ${this.type}, expected ${type}`);
  }

  #readBytes(start: number, count: number): Uint8Array<ArrayBuffer> {
    const rows = Math.max(0, Math.min(count, this.rowCount - start));
    const rowBytes = this.columnCount * elementBytes(this.type);
    const bytes = new Uint8Array(rows * rowBytes);
    let done = 0;
    while (done < bytes.length) {
      const position = this.#dataOffset + start * rowBytes + done;
      const read = readSync(this.#descriptor, bytes, done, bytes.length - done, position);
      if (read === 0) throw new Error(`${this.path}: cut short at byte ${position}`);
      done += read;
    }
    return bytes;
  }
}

export class NpyWriter {
  readonly #descriptor: number;
  readonly #type: NpyType;
  readonly #columnCount: number;
  #elementCount: number;

  /** `columnCount` 0 writes a one-dimensional array. */
  constructor(path: string, type: NpyType, columnCount: number) {
    this.#descriptor = openSync(path, "w");
    this.#type = type;
    this.#columnCount = columnCount;
    this.#elementCount = 0;
    this.#writeHeader();
  }

  /** Whole rows. */
  append(rows: NpyArray): void {
    if (rows.length % Math.max(1, this.#columnCount) !== 0) {
      throw new Error(`${rows.length} elements are not whole rows of ${this.#columnCount}`);
    }
    const stored = this.#type === "float16" ? halvesOfFloats(rows) : rows;
    const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    const position = HEADER_BYTES + this.#elementCount * elementBytes(this.#type);
    writeAll(this.#descriptor, bytes, position);
    this.#elementCount += rows.length;
  }

  close(): void {
    this.#writeHeader();
    closeSync(this.#descriptor);
  }

  #writeHeader(): void {
    const descriptor = typeDescriptors[this.#type];
    const rowCount = this.#elementCount / Math.max(1, this.#columnCount);
    const shape =
      this.#columnCount === 0 ? `(${rowCount},)` : `(${rowCount}, ${this.#columnCount})`;
    const text = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${shape}, }`;
    const header = Buffer.alloc(HEADER_BYTES, " ");
    header.write(`${MAGIC}\x01\x00`, 0, "latin1");
    header.writeUInt16LE(HEADER_BYTES - 10, 8);
    header.write(text, 10, "latin1");
    header.write("\n", HEADER_BYTES - 1, "latin1");
    writeAll(this.#descriptor, header, 0);
  }
}

export function writeNpy(path: string, rows: NpyArray, columnCount: number): void {
  const writer = new NpyWriter(path, rows instanceof Int32Array ? "int32" : "float32", columnCount);
  try {
    writer.append(rows);
  } finally {
    writer.close();
  }
}

interface NpyHeader {
  readonly type: NpyType;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly dataOffset: number;
}

function readHeader(descriptor: number, path: string): NpyHeader {
  const start = Buffer.alloc(12);
  const count = readSync(descriptor, start, 0, 12, 0);
  if (count < 12 || start.latin1Slice(0, 6) !== MAGIC) throw new Error(`${path}: not an .npy file`);
  const version = start[6];
  if (version !== 1 && version !== 2) throw new Error(`${path}: .npy format ${version} is unknown`);
  const textStart = version === 1 ? 10 : 12;
  const textBytes = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
  if (textBytes > HEADER_BYTES_MAX) throw new Error(`${path}: a header of ${textBytes} bytes`);
  const text = Buffer.alloc(textBytes);
  if (readSync(descriptor, text, 0, textBytes, textStart) < textBytes) {
    throw new Error(`${path}: cut short in its header`);
  }
  return { ...parseHeader(text.toString("latin1"), path), dataOffset: textStart + textBytes };
}

function parseHeader(text: string, path: string): Omit<NpyHeader, "dataOffset"> {
  const descriptor = /'descr': *'([^']*)'/.exec(text)?.[1] ?? "";
  const type = descriptorTypes.get(descriptor);
  if (type === undefined) throw new Error(`${path}: values of type '${descriptor}' are not read`);
  if (!/'fortran_order': *False/.test(text)) throw new Error(`${path}: not in C order`);
  const shape = /'shape': *\(([^)]*)\)/.exec(text)?.[1] ?? "";
  const sizes = shape
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const isShape = sizes.length >= 1 && sizes.length <= 2 && sizes.every(Number.isSafeInteger);
  if (!isShape) throw new Error(`${path}: a shape of (${shape}) is not read`);
  return { type, rowCount: sizes[0], columnCount: sizes[1] ?? 1 };
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
  }
}
