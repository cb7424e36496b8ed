/**
 * The machine code of `float32-scan.ts`: two functions in WebAssembly with 128-bit SIMD, written
 * out here so that no binary has to be kept in the repository.
 *
 *   dots(query, list, results, count, bytes)      squares(the same)
 *
 * For each of `count` row addresses in `list`: the dot product of that row and the query, or the
 * sum of squared differences, in float32. `rows` is a block's shared memory, `own` the thread's.
 * Sixteen values a step in four accumulators, then four a step, then one.
 */

/** Locals: the five parameters, then what follows. */
const QUERY = 0;
const LIST = 1;
const RESULTS = 2;
const COUNT = 3;
const BYTES = 4;
const ROW = 5;
const AT = 6;
const LISTED = 7;
const SCALAR = 8;
const SUM = 9;
const LEFT = 13;

const ROWS_MEMORY = 0;
const OWN_MEMORY = 1;
const ROWS_PAGES_MAX = 65_536;

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const I32_ADD = 0x6a;
const I32_LESS = 0x49;
const I32_AND = 0x71;
const F32_ADD = 0x92;
const F32_SUB = 0x93;
const F32_MULTIPLY = 0x94;
const VECTOR_ADD = simd(0xe4);
const VECTOR_SUB = simd(0xe5);
const VECTOR_MULTIPLY = simd(0xe6);

export function scanModuleBytes(): Uint8Array<ArrayBuffer> {
  const parameters = [I32, I32, I32, I32, I32];
  const type = [0x60, ...list(parameters.map((one) => [one])), 0];
  const shared = [...name("rows"), 2, 3, 1, ...number(ROWS_PAGES_MAX)];
  const own = [...name("own"), 2, 0, 1];
  const imports = [shared, own].map((one) => [...name("memory"), ...one]);
  const exported = [
    [...name("dots"), 0, 0],
    [...name("squares"), 0, 1],
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list([type])),
    ...section(2, list(imports)),
    ...section(3, list([[0], [0]])),
    ...section(7, list(exported)),
    ...section(10, list([functionBody(false), functionBody(true)])),
  ]);
}

function functionBody(isSquares: boolean): number[] {
  const locals = list([
    [3, I32],
    [1, F32],
    [6, V128],
  ]);
  const code = [
    ...loopWhile(
      [...get(LISTED), ...get(COUNT), I32_LESS],
      [
        ...get(LIST),
        ...get(LISTED),
        ...constant(2),
        0x74,
        I32_ADD,
        ...memory(0x28, OWN_MEMORY, 0),
        ...set(ROW),
        ...rowBody(isSquares),
        ...get(RESULTS),
        ...get(LISTED),
        ...constant(2),
        0x74,
        I32_ADD,
        ...get(SCALAR),
        ...memory(0x38, OWN_MEMORY, 0),
        ...add(LISTED, 1),
      ],
    ),
    0x0b,
  ];
  const body = [...locals, ...code];
  return [...number(body.length), ...body];
}

/** Leaves the row's sum in SCALAR. */
function rowBody(isSquares: boolean): number[] {
  const clear = [0, 1, 2, 3].flatMap((lane) => [...vectorZero(), ...set(SUM + lane)]);
  const wide = [0, 1, 2, 3].flatMap((lane) => vectorStep(isSquares, SUM + lane, lane * 16));
  const lanes = [0, 1, 2, 3].flatMap((lane) => [
    ...get(SUM),
    ...simd(0x1f),
    lane,
    ...(lane === 0 ? [] : [F32_ADD]),
  ]);
  return [
    ...clear,
    ...constant(0),
    ...set(AT),
    ...loopWhile(
      [...get(AT), ...get(BYTES), ...constant(-64), I32_AND, I32_LESS],
      [...wide, ...add(AT, 64)],
    ),
    ...loopWhile(
      [...get(AT), ...get(BYTES), ...constant(-16), I32_AND, I32_LESS],
      [...vectorStep(isSquares, SUM, 0), ...add(AT, 16)],
    ),
    ...[...get(SUM), ...get(SUM + 1), ...VECTOR_ADD],
    ...[...get(SUM + 2), ...get(SUM + 3), ...VECTOR_ADD, ...VECTOR_ADD, ...set(SUM)],
    ...lanes,
    ...set(SCALAR),
    ...loopWhile([...get(AT), ...get(BYTES), I32_LESS], [...scalarStep(isSquares), ...add(AT, 4)]),
  ];
}

function vectorStep(isSquares: boolean, sum: number, offset: number): number[] {
  const row = [...get(ROW), ...get(AT), I32_ADD, ...vectorLoad(ROWS_MEMORY, offset)];
  const query = [...get(QUERY), ...get(AT), I32_ADD, ...vectorLoad(OWN_MEMORY, offset)];
  const product = isSquares
    ? [...row, ...query, ...VECTOR_SUB, 0x22, LEFT, ...get(LEFT), ...VECTOR_MULTIPLY]
    : [...row, ...query, ...VECTOR_MULTIPLY];
  return [...get(sum), ...product, ...VECTOR_ADD, ...set(sum)];
}

function scalarStep(isSquares: boolean): number[] {
  const row = [...get(ROW), ...get(AT), I32_ADD, ...memory(0x2a, ROWS_MEMORY, 0)];
  const query = [...get(QUERY), ...get(AT), I32_ADD, ...memory(0x2a, OWN_MEMORY, 0)];
  const difference = [...row, ...query, F32_SUB];
  const product = isSquares
    ? [...difference, ...difference, F32_MULTIPLY]
    : [...row, ...query, F32_MULTIPLY];
  return [...get(SCALAR), ...product, F32_ADD, ...set(SCALAR)];
}

function loopWhile(condition: number[], body: number[]): number[] {
  const leave = [...condition, 0x45, 0x0d, 1];
  return [0x02, 0x40, 0x03, 0x40, ...leave, ...body, 0x0c, 0, 0x0b, 0x0b];
}

function add(local: number, amount: number): number[] {
  return [...get(local), ...constant(amount), I32_ADD, ...set(local)];
}

function get(local: number): number[] {
  return [0x20, local];
}

function set(local: number): number[] {
  return [0x21, local];
}

function constant(value: number): number[] {
  return [0x41, ...signedNumber(value)];
}

function vectorZero(): number[] {
  return [...simd(0x0c), ...new Array<number>(16).fill(0)];
}

function vectorLoad(memoryIndex: number, offset: number): number[] {
  return [0xfd, ...memory(0x00, memoryIndex, offset)];
}

/** Bit 6 of the alignment says that a memory's index follows. */
function memory(code: number, memoryIndex: number, offset: number): number[] {
  return [code, 0x40 | 2, memoryIndex, ...number(offset)];
}

function simd(code: number): number[] {
  return [0xfd, ...number(code)];
}

function section(id: number, content: number[]): number[] {
  return [id, ...number(content.length), ...content];
}

function list(items: readonly number[][]): number[] {
  return [...number(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return [...number(text.length), ...Array.from(text, (character) => character.charCodeAt(0))];
}

function number(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

function signedNumber(value: number): number[] {
  const bytes: number[] = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value & 0x7f];
}
