/**
 * GEOSEARCH's and GEORADIUS's arguments: where, how far, and what to do with what is found. Members
 * are looked up while arguments are read, since Redis's errors come in the order of arguments.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import type { GeoArea } from "../../data/geo-area.ts";
import { decodePosition, type Position } from "../../data/geohash.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import { optionName } from "../context.ts";
import { parseClampedInteger } from "../integer-argument.ts";
import { type Lengths, parseLengths, parsePosition } from "./geo-arguments.ts";

const noMember = new ErrorReply("ERR could not decode requested zset member");
const badCount = new ErrorReply("ERR COUNT must be > 0");
const anyWithoutCount = new ErrorReply("ERR the ANY argument requires COUNT argument");

/** What a command's name fixes. */
export interface GeoSearchForm {
  readonly from: "position" | "member" | "options";
  /** The source's key. */
  readonly sourceAt: number;
  /** STORE and STOREDIST with keys, a key in front with STOREDIST as a flag, or nothing. */
  readonly store: "options" | "first key" | "never";
}

export interface GeoSearch {
  center: Position | undefined;
  area: GeoArea | undefined;
  /** Meters of the unit of distances. */
  unitMeters: number;
  /** With a member of a key that is missing there is no center. */
  centeredBy: "member" | "position" | undefined;
  isWithDistance: boolean;
  isWithHash: boolean;
  isWithPosition: boolean;
  order: "ascending" | "descending" | undefined;
  /** 0 for all. */
  count: number;
  isAny: boolean;
  storeKey: string | undefined;
  isDistanceStored: boolean;
}

class SearchParser {
  readonly #args: readonly Bytes[];
  readonly #form: GeoSearchForm;
  readonly #source: SortedSetValue | undefined;
  readonly search: GeoSearch;
  #at: number;

  constructor(args: readonly Bytes[], form: GeoSearchForm, source: SortedSetValue | undefined) {
    this.#args = args;
    this.#form = form;
    this.#source = source;
    this.#at = form.sourceAt + 1;
    this.search = {
      center: undefined,
      area: undefined,
      unitMeters: 1,
      centeredBy: undefined,
      isWithDistance: false,
      isWithHash: false,
      isWithPosition: false,
      order: undefined,
      count: 0,
      isAny: false,
      storeKey: form.store === "first key" ? toBinaryString(args[1]) : undefined,
      isDistanceStored: false,
    };
  }

  parse(): ErrorReply | undefined {
    const fixed = this.#fixedPart();
    if (fixed !== undefined) return fixed;
    while (this.#at < this.#args.length) {
      const name = optionName(this.#args[this.#at]);
      this.#at += 1;
      if (this.#flag(name)) continue;
      const outcome = this.#option(name, this.#args.length - this.#at);
      if (outcome instanceof ErrorReply) return outcome;
      if (!outcome) return errors.syntax;
    }
    return this.#conflict();
  }

  /** GEORADIUS's place and radius, which stand before all options. */
  #fixedPart(): ErrorReply | undefined {
    const { from } = this.#form;
    if (from === "options") return undefined;
    if (from === "position") {
      return this.#position() ?? this.#radius();
    }
    if (this.#source === undefined) {
      this.#at += 3;
      return undefined;
    }
    return this.#member() ?? this.#radius();
  }

  #flag(name: string): boolean {
    const { search } = this;
    if (name === "WITHDIST") search.isWithDistance = true;
    else if (name === "WITHHASH") search.isWithHash = true;
    else if (name === "WITHCOORD") search.isWithPosition = true;
    else if (name === "ANY") search.isAny = true;
    else if (name === "ASC") search.order = "ascending";
    else if (name === "DESC") search.order = "descending";
    else if (name === "STOREDIST" && this.#form.store === "first key") {
      search.isDistanceStored = true;
    } else return false;
    return true;
  }

  /** False for what is no option here. */
  #option(name: string, left: number): ErrorReply | boolean {
    if (name === "COUNT" && left >= 1) return this.#count() ?? true;
    if ((name === "STORE" || name === "STOREDIST") && left >= 1) return this.#store(name);
    if (this.#form.from !== "options") return false;
    const { search } = this;
    if (name === "FROMMEMBER" && left >= 1 && search.centeredBy !== "position") {
      return this.#fromMember();
    }
    if (name === "FROMLONLAT" && left >= 2 && search.centeredBy !== "member") {
      return this.#position() ?? true;
    }
    if (name === "BYRADIUS" && left >= 2 && search.area?.shape !== "box") {
      return this.#radius() ?? true;
    }
    if (name === "BYBOX" && left >= 3 && search.area?.shape !== "circle")
      return this.#box() ?? true;
    return false;
  }

  #count(): ErrorReply | undefined {
    const count = parseClampedInteger(this.#take());
    if (count === undefined) return errors.notAnInteger;
    if (count <= 0) return badCount;
    this.search.count = count;
    return undefined;
  }

  #store(name: string): boolean {
    if (this.#form.store !== "options") return false;
    this.search.storeKey = toBinaryString(this.#take());
    this.search.isDistanceStored = name === "STOREDIST";
    return true;
  }

  #fromMember(): ErrorReply | boolean {
    if (this.#source !== undefined) return this.#member() ?? true;
    this.#at += 1;
    this.search.centeredBy = "member";
    return true;
  }

  #member(): ErrorReply | undefined {
    const score = this.#source?.score(toBinaryString(this.#take()));
    if (score === undefined) return noMember;
    this.search.center = decodePosition(score);
    this.search.centeredBy = "member";
    return undefined;
  }

  #position(): ErrorReply | undefined {
    const center = parsePosition(this.#args[this.#at], this.#args[this.#at + 1]);
    if (center instanceof ErrorReply) return center;
    this.#at += 2;
    this.search.center = center;
    this.search.centeredBy = "position";
    return undefined;
  }

  #radius(): ErrorReply | undefined {
    const lengths = this.#lengths(["radius"], "radius cannot be negative");
    if (lengths instanceof ErrorReply) return lengths;
    this.search.area = { shape: "circle", radiusMeters: lengths.meters[0] };
    return undefined;
  }

  #box(): ErrorReply | undefined {
    const lengths = this.#lengths(["width", "height"], "height or width cannot be negative");
    if (lengths instanceof ErrorReply) return lengths;
    const [widthMeters, heightMeters] = lengths.meters;
    this.search.area = { shape: "box", widthMeters, heightMeters };
    return undefined;
  }

  #lengths(names: readonly string[], negative: string): Lengths | ErrorReply {
    const lengths = parseLengths(this.#args, this.#at, names, negative);
    if (lengths instanceof ErrorReply) return lengths;
    this.#at += names.length + 1;
    this.search.unitMeters = lengths.unitMeters;
    return lengths;
  }

  #take(): Bytes {
    this.#at += 1;
    return this.#args[this.#at - 1];
  }

  #conflict(): ErrorReply | undefined {
    const { search } = this;
    const { from, store } = this.#form;
    const isShown = search.isWithDistance || search.isWithHash || search.isWithPosition;
    if (search.storeKey !== undefined && isShown) {
      const what = store === "first key" ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS";
      return new ErrorReply(
        `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`,
      );
    }
    const name = toBinaryString(this.#args[0]);
    if (from === "options" && search.centeredBy === undefined) {
      return missing("FROMMEMBER or FROMLONLAT", name);
    }
    if (from === "options" && search.area === undefined) return missing("BYRADIUS and BYBOX", name);
    return search.isAny && search.count === 0 ? anyWithoutCount : undefined;
  }
}

export function parseGeoSearch(
  args: readonly Bytes[],
  form: GeoSearchForm,
  source: SortedSetValue | undefined,
): GeoSearch | ErrorReply {
  const parser = new SearchParser(args, form, source);
  return parser.parse() ?? parser.search;
}

function missing(options: string, commandName: string): ErrorReply {
  return new ErrorReply(`ERR exactly one of ${options} can be specified for ${commandName}`);
}
