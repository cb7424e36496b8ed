/**
 * A set: members without order, each once, as binary strings.
 *
 * - Small, it is packed: integers ascending (`data/packed-integers.ts`), or a listpack in the order
 *   in which members came. Large, it is a table, whose order is a function of what came and went.
 *   It never goes back to a smaller form, so that a set that breathes is not rebuilt each time.
 * - These forms are ours, chosen by memory and speed. The name that Redis would give to its own is
 *   kept beside (`set-encoding.ts`), and nothing depends on it.
 * Changed only by `apply-set.ts` and `restored-value.ts`; empty, it leaves.
 */
import { assert } from "../base/assert.ts";
import { DenseTable } from "../data/dense-table.ts";
import type { HashKey } from "../data/keyed-hash.ts";
import {
  bytesOf,
  countOf,
  EMPTY_LISTPACK,
  endAt,
  FIRST_AT,
  findFrom,
  type Listpack,
  packed,
  seek,
  splice,
  valueAt,
  valuesOf,
} from "../data/listpack.ts";
import {
  EMPTY_INTEGERS,
  hasInteger,
  INTEGERS_MAX,
  integerAt,
  integerCount,
  isInteger,
  withIntegers,
  withoutIntegers,
} from "../data/packed-integers.ts";
import type { EncodingLimits } from "./encoding-limits.ts";
import { LARGE_SET_BYTES, memberCost, PACKED_SET_BYTES, packedCost } from "./memory.ts";
import {
  encodingBefore,
  encodingOfNew,
  encodingWith,
  SetEncoding,
  setEncodingName,
} from "./set-encoding.ts";

/** Where looking through a listpack begins to cost more than a table's memory. */
const LISTPACK_ENTRIES_MAX = 128;
const LISTPACK_VALUE_BYTES_MAX = 64;
/** More are not taken out one by one: what is left is packed anew. */
const SPLICED_MAX = 4;

const Form = { integers: 0, listpack: 1, table: 2 } as const;
type Form = (typeof Form)[keyof typeof Form];
/** The encoding stands above the form, in one number: a field less in each of a million sets. */
const ENCODING_SHIFT = 2;
const FORM_MASK = 3;

class LargeSet {
  readonly table: DenseTable;
  /** What the members cost, the table's share included. */
  membersCost: number;

  constructor(hashKey: HashKey) {
    this.table = new DenseTable(hashKey);
    this.membersCost = 0;
  }

  add(member: string): void {
    const index = this.table.add(member);
    assert(index >= 0, "a member that is added is new");
    this.membersCost += memberCost(member);
  }

  remove(member: string): void {
    const index = this.table.find(member);
    assert(index >= 0, "a member that is removed is there");
    this.table.removeAt(index);
    this.membersCost -= memberCost(member);
  }
}

export class SetValue {
  #members: string | Buffer | LargeSet;
  #state: number;

  constructor() {
    this.#members = EMPTY_INTEGERS;
    this.#state = Form.integers | (SetEncoding.intset << ENCODING_SHIFT);
  }

  /** Of its `pack` and `packFlags`. */
  static unpacked(pack: string, flags: number): SetValue {
    const set = new SetValue();
    set.#members = pack;
    set.#state = flags;
    return set;
  }

  /** All of it, if it is held in one string. */
  get pack(): string | undefined {
    return typeof this.#members === "string" ? this.#members : undefined;
  }

  get packFlags(): number {
    return this.#state;
  }

  get type(): "set" {
    return "set";
  }

  /** What it costs, all of it (`memory.ts`). Counted, not kept: there may be millions of sets. */
  get costBytes(): number {
    const members = this.#members;
    if (members instanceof LargeSet) return LARGE_SET_BYTES + members.membersCost;
    return PACKED_SET_BYTES + packedCost(members);
  }

  /** Of `encoding-mark.ts`. */
  get encodingMark(): number {
    return this.#state >> ENCODING_SHIFT;
  }

  set encodingMark(mark: number) {
    this.#state = (this.#state & FORM_MASK) | (mark << ENCODING_SHIFT);
  }

  /** The encoding that Redis would report (OBJECT ENCODING). */
  encodingName(_limits: EncodingLimits): string {
    return setEncodingName((this.#state >> ENCODING_SHIFT) as SetEncoding);
  }

  get size(): number {
    const members = this.#members;
    if (members instanceof LargeSet) return members.table.size;
    return this.#form === Form.integers ? integerCount(members as string) : countOf(members);
  }

  /** Of few members, all of which a scan gives at once. */
  get isSmall(): boolean {
    return this.#form !== Form.table;
  }

  has(member: string): boolean {
    const members = this.#members;
    if (members instanceof LargeSet) return members.table.has(member);
    if (this.#form === Form.integers) return hasInteger(members as string, member);
    if (member.length > LISTPACK_VALUE_BYTES_MAX) return false;
    return findFrom(bytesOf(members), FIRST_AT, member, 1) >= 0;
  }

  /** In the set's order, from 0; of a listpack it takes a walk. */
  at(index: number): string {
    const members = this.#members;
    if (members instanceof LargeSet) return members.table.at(index);
    if (this.#form === Form.integers) return integerAt(members as string, index);
    const at = seek(members, index);
    return valueAt(bytesOf(members), at);
  }

  /** While nothing changes. */
  [Symbol.iterator](): IterableIterator<string> {
    const members = this.#members;
    if (members instanceof LargeSet) return members.table[Symbol.iterator]();
    if (this.#form === Form.listpack) return valuesOf(members);
    return integersOf(members as string).values();
  }

  /** Visits all of a small one, else at most `count`; the next cursor, 0 at the end. 0 begins. */
  scan(cursor: number, count: number, visit: (member: string) => void): number {
    const members = this.#members;
    if (members instanceof LargeSet) return members.table.scan(cursor, count, visit);
    for (const member of this) visit(member);
    return 0;
  }

  /** Adds members that are not there yet, each once. */
  add(members: readonly string[], hashKey: HashKey, limits: EncodingLimits): void {
    const { size } = this;
    const encoding =
      size === 0
        ? encodingOfNew(members, limits)
        : encodingBefore((this.#state >> ENCODING_SHIFT) as SetEncoding, members.length, limits);
    const grown = encodingWith(encoding, this, size, members, limits);
    this.#grow(members, hashKey, grown);
  }

  /** The same for a set made anew as a whole, whatever the order of its members. */
  fill(members: readonly string[], hashKey: HashKey, limits: EncodingLimits): void {
    assert(members.length > 0, "a set holds something");
    const encoding = encodingWith(SetEncoding.intset, this, this.size, members, limits);
    this.#grow(members, hashKey, encoding);
  }

  /** Removes members that are there, each once. */
  remove(members: readonly string[]): void {
    const before = this.#members;
    if (before instanceof LargeSet) {
      for (let index = 0; index < members.length; index += 1) before.remove(members[index]);
    } else if (this.#form === Form.integers) {
      this.#members = withoutIntegers(before as string, members);
    } else this.#members = withoutEntries(before, members);
  }

  get #form(): Form {
    return (this.#state & FORM_MASK) as Form;
  }

  #grow(added: readonly string[], hashKey: HashKey, encoding: SetEncoding): void {
    const form = this.#formWith(added);
    const members = this.#members;
    if (form === Form.integers) this.#members = withIntegers(members as string, added);
    else if (form === Form.listpack) {
      const pack = this.#form === Form.listpack ? members : packed([...this]);
      this.#members = splice(pack as Listpack, endAt(bytesOf(pack as Listpack)), 0, added);
    } else {
      const large = members instanceof LargeSet ? members : new LargeSet(hashKey);
      if (large !== members) for (const member of this) large.add(member);
      for (let index = 0; index < added.length; index += 1) large.add(added[index]);
      this.#members = large;
    }
    this.#state = form | (encoding << ENCODING_SHIFT);
  }

  /** The smallest form, from the present one on, that holds these too. */
  #formWith(added: readonly string[]): Form {
    if (this.#form === Form.table) return Form.table;
    const count = this.size + added.length;
    if (this.#form === Form.integers && count <= INTEGERS_MAX && areIntegers(added)) {
      return Form.integers;
    }
    return count <= LISTPACK_ENTRIES_MAX && areShort(added) ? Form.listpack : Form.table;
  }
}

function integersOf(members: string): string[] {
  const texts = new Array<string>(integerCount(members));
  for (let index = 0; index < texts.length; index += 1) texts[index] = integerAt(members, index);
  return texts;
}

function withoutEntries(pack: Listpack, removed: readonly string[]): Listpack {
  if (removed.length > SPLICED_MAX) {
    const gone = new Set(removed);
    const left = [...valuesOf(pack)].filter((member) => !gone.has(member));
    assert(left.length + removed.length === countOf(pack), "what is removed is there");
    return left.length === 0 ? EMPTY_LISTPACK : packed(left);
  }
  let kept = pack;
  for (let index = 0; index < removed.length; index += 1) {
    const at = findFrom(bytesOf(kept), FIRST_AT, removed[index], 1);
    assert(at >= 0, "a member that is removed is there");
    kept = splice(kept, at, 1, []);
  }
  return kept;
}

function areIntegers(members: readonly string[]): boolean {
  for (let index = 0; index < members.length; index += 1) {
    if (!isInteger(members[index])) return false;
  }
  return true;
}

function areShort(members: readonly string[]): boolean {
  for (let index = 0; index < members.length; index += 1) {
    if (members[index].length > LISTPACK_VALUE_BYTES_MAX) return false;
  }
  return true;
}
