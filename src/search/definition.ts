/**
 * A schema as bytes and back. The layout is in `definition-format.ts`.
 */
import { assert } from "../base/assert.ts";
import { MalformedBytes } from "../base/byte-reader.ts";
import { explainSchema } from "./definition-check.ts";
import {
  algorithmCodes,
  attributeFlags,
  attributeTypeCodes,
  DEFINITION_VERSION,
  keyTypeCodes,
  metricCodes,
  NEIGHBOR_CODE_BITS_BEFORE,
  vectorTypeCodes,
} from "./definition-format.ts";
import type { AttributeDeclaration, Schema } from "./schema.ts";

export function encodeSchema(schema: Schema): Buffer {
  const writer = new DefinitionWriter();
  writer.u8(DEFINITION_VERSION);
  writer.code(keyTypeCodes, schema.keyType);
  writer.number(schema.defaultScore);
  writer.number(schema.createdAtMs);
  writer.text(schema.language);
  writer.list(schema.options);
  writer.list(schema.prefixes);
  writer.u8(schema.stopwords === null ? 0 : 1);
  writer.list(schema.stopwords ?? []);
  writer.u16(schema.attributes.length);
  for (const declaration of schema.attributes) writeAttribute(writer, declaration);
  return writer.finish();
}

/**
 * MalformedBytes for bytes that are no definition of a known version, or of an index that could
 * not have been declared. They come from our own log: whoever reads that says where.
 */
export function decodeSchema(definition: Buffer): Schema {
  const reader = new DefinitionReader(definition);
  const version = reader.u8();
  const isKnown = version >= 1 && version <= DEFINITION_VERSION;
  need(isKnown, `index definition of unknown version ${version}`);
  const keyType = reader.code(keyTypeCodes);
  const defaultScore = reader.number();
  const createdAtMs = reader.number();
  const language = reader.text();
  const options = reader.list();
  const prefixes = reader.list();
  const hasStopwords = reader.u8() === 1;
  const stopwords = reader.list();
  const attributes: AttributeDeclaration[] = [];
  for (let left = reader.u16(); left > 0; left -= 1) {
    attributes.push(readAttribute(reader, version));
  }
  reader.end();
  const schema: Schema = {
    keyType,
    prefixes,
    attributes,
    defaultScore,
    stopwords: hasStopwords ? stopwords : null,
    language,
    options,
    createdAtMs,
  };
  const wrong = explainSchema(schema);
  need(wrong === undefined, `an index definition has ${wrong}`);
  return schema;
}

function writeAttribute(writer: DefinitionWriter, declaration: AttributeDeclaration): void {
  writer.code(attributeTypeCodes, declaration.type);
  writer.text(declaration.identifier);
  writer.text(declaration.alias);
  let flags = 0;
  for (const [name, bit] of Object.entries(attributeFlags)) {
    if (Reflect.get(declaration, name) === true) flags |= bit;
  }
  writer.u16(flags);
  if (declaration.type === "TAG") writer.text(declaration.separator);
  if (declaration.type === "TEXT") writer.number(declaration.weight);
  if (declaration.type !== "VECTOR") return;
  const parameters = declaration.parameters;
  writer.code(algorithmCodes, parameters.algorithm);
  writer.code(vectorTypeCodes, parameters.type);
  writer.code(metricCodes, parameters.metric);
  writer.u32(parameters.dimensions);
  writer.u32(parameters.initialCapacity);
  writer.u32(parameters.m);
  writer.u32(parameters.efConstruction);
  writer.u32(parameters.efRuntime);
  writer.number(parameters.epsilon);
  writer.u32(parameters.blockSize);
  writer.u32(parameters.neighborCodeBits);
}

function readAttribute(reader: DefinitionReader, version: number): AttributeDeclaration {
  const type = reader.code(attributeTypeCodes);
  const identifier = reader.text();
  const alias = reader.text();
  const flags = reader.u16();
  const has = (name: keyof typeof attributeFlags) => (flags & attributeFlags[name]) !== 0;
  const base = {
    identifier,
    alias,
    isSortable: has("isSortable"),
    isUnnormalized: has("isUnnormalized"),
    isNotIndexed: has("isNotIndexed"),
    isMissingIndexed: has("isMissingIndexed"),
  };
  switch (type) {
    case "TAG":
      return {
        type,
        ...base,
        separator: reader.text(),
        isCaseSensitive: has("isCaseSensitive"),
        isSuffixTrie: has("isSuffixTrie"),
        isEmptyIndexed: has("isEmptyIndexed"),
      };
    case "NUMERIC":
      return { type, ...base };
    case "TEXT":
      return {
        type,
        ...base,
        weight: reader.number(),
        isStemmed: has("isStemmed"),
        isSuffixTrie: has("isSuffixTrie"),
        isEmptyIndexed: has("isEmptyIndexed"),
      };
    case "VECTOR":
      return { type, ...base, parameters: readVectorParameters(reader, version) };
  }
}

function readVectorParameters(reader: DefinitionReader, version: number) {
  const algorithm = reader.code(algorithmCodes);
  const type = reader.code(vectorTypeCodes);
  const metric = reader.code(metricCodes);
  const dimensions = reader.u32();
  const initialCapacity = reader.u32();
  const m = reader.u32();
  const efConstruction = reader.u32();
  const efRuntime = reader.u32();
  const epsilon = reader.number();
  const blockSize = reader.u32();
  const neighborCodeBits = version < 2 ? NEIGHBOR_CODE_BITS_BEFORE : reader.u32();
  return {
    algorithm,
    type,
    metric,
    dimensions,
    initialCapacity,
    m,
    efConstruction,
    efRuntime,
    epsilon,
    neighborCodeBits,
    blockSize,
  };
}

class DefinitionWriter {
  readonly #parts: Buffer[] = [];

  u8(value: number): void {
    this.#parts.push(Buffer.from([value]));
  }

  u16(value: number): void {
    const part = Buffer.alloc(2);
    part.writeUInt16LE(value);
    this.#parts.push(part);
  }

  u32(value: number): void {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value);
    this.#parts.push(part);
  }

  number(value: number): void {
    const part = Buffer.alloc(8);
    part.writeDoubleLE(value);
    this.#parts.push(part);
  }

  text(value: string): void {
    this.u32(value.length);
    this.#parts.push(Buffer.from(value, "latin1"));
  }

  list(values: readonly string[]): void {
    this.u32(values.length);
    for (const value of values) this.text(value);
  }

  code(codes: readonly string[], name: string): void {
    const code = codes.indexOf(name);
    assert(code >= 0, `no code for ${name}`);
    this.u8(code);
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function need(condition: boolean, message: string): void {
  if (!condition) throw new MalformedBytes(message);
}

class DefinitionReader {
  readonly #bytes: Buffer;
  #place: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#place = 0;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  number(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  text(): string {
    const sizeBytes = this.u32();
    const start = this.#advance(sizeBytes);
    return this.#bytes.latin1Slice(start, start + sizeBytes);
  }

  list(): string[] {
    const values: string[] = [];
    for (let left = this.u32(); left > 0; left -= 1) values.push(this.text());
    return values;
  }

  code<Name extends string>(codes: readonly Name[]): Name {
    const code = this.u8();
    need(code < codes.length, `unknown code ${code} in an index definition`);
    return codes[code];
  }

  end(): void {
    need(this.#place === this.#bytes.length, "an index definition has bytes left over");
  }

  #advance(sizeBytes: number): number {
    const start = this.#place;
    need(start + sizeBytes <= this.#bytes.length, "an index definition ends too early");
    this.#place = start + sizeBytes;
    return start;
  }
}
