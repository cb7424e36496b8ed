/**
 * Searches for places in an area, for GEOSEARCH, GEORADIUS and all their forms: the cells that
 * cover the area are runs of scores, so that only their members are looked at.
 */
import { type Bytes, toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { cellsOf, distanceInside, type GeoArea } from "../../data/geo-area.ts";
import { decodePosition, numbersOf, type Position } from "../../data/geohash.ts";
import { Before } from "../../data/score-bound.ts";
import type { SortedSetValue } from "../../keyspace/sorted-set-value.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { storeScored } from "../sorted-set/storing.ts";
import { distanceText, hashReply, positionReply } from "./geo-replies.ts";
import { type GeoSearch, type GeoSearchForm, parseGeoSearch } from "./geo-search-arguments.ts";

/** Of a cell's members, before it is asked again whether ANY has enough. */
const SLICE_MEMBERS = 256;
/** So many times more places than are wanted make it worth to look for the last one's distance. */
const SELECTED_SHARE = 4;

interface Place {
  readonly member: string;
  readonly score: number;
  readonly position: Position;
  readonly distance: number;
}

export function searchPlaces(
  context: CommandContext,
  args: readonly Bytes[],
  form: GeoSearchForm,
): Reply {
  const source = context.lookupSortedSet(toBinaryString(args[form.sourceAt]));
  if (source instanceof ErrorReply) return source;
  const search = parseGeoSearch(args, form, source);
  if (search instanceof ErrorReply) return search;
  const { center, area, storeKey } = search;
  const isNothing = source === undefined || center === undefined || area === undefined;
  const places = isNothing ? [] : ordered(placesIn(source, area, center, search), search);
  if (storeKey === undefined) return places.map((place) => placeReply(place, search));
  return storeScored(context, storeKey, {
    members: places.map(({ member }) => member),
    scores: places.map(({ distance, score }) =>
      search.isDistanceStored ? distance / search.unitMeters : score,
    ),
  });
}

function placesIn(
  source: SortedSetValue,
  area: GeoArea,
  center: Position,
  search: GeoSearch,
): Place[] {
  const places: Place[] = [];
  const wanted = search.isAny ? search.count : Number.POSITIVE_INFINITY;
  for (const cell of cellsOf(area, center)) {
    const { min, max } = numbersOf(cell);
    const end = source.countBefore(Before.score, max, "");
    let rank = source.countBefore(Before.score, min, "");
    while (rank < end && places.length < wanted) {
      const count = Math.min(end - rank, search.isAny ? SLICE_MEMBERS : end - rank);
      source.visit(rank, count, false, (member, score) => {
        const position = decodePosition(score);
        const distance = distanceInside(area, center, position);
        if (distance >= 0) places.push({ member, score, position, distance });
      });
      rank += count;
    }
  }
  if (places.length > wanted) places.length = wanted;
  return places;
}

/** With a count but no order the nearest are meant, unless any will do. */
function ordered(places: Place[], { order, count, isAny }: GeoSearch): Place[] {
  const limit = count === 0 ? places.length : Math.min(count, places.length);
  const isSorted = order !== undefined || (count > 0 && !isAny);
  if (!isSorted) return places.slice(0, limit);
  const sign = order === "descending" ? -1 : 1;
  const candidates = limit * SELECTED_SHARE < places.length ? firstBy(places, sign, limit) : places;
  candidates.sort((left, right) => sign * (left.distance - right.distance));
  return candidates.slice(0, limit);
}

/** Those that may be among the first, in the order in which they were found. */
function firstBy(places: readonly Place[], sign: number, limit: number): Place[] {
  const keys = Float64Array.from(places, ({ distance }) => sign * distance).sort();
  const last = keys[limit - 1];
  return places.filter(({ distance }) => sign * distance <= last);
}

function placeReply({ member, score, position, distance }: Place, search: GeoSearch): Reply {
  const { isWithDistance, isWithHash, isWithPosition, unitMeters } = search;
  if (!(isWithDistance || isWithHash || isWithPosition)) return member;
  const reply: Reply[] = [member];
  if (isWithDistance) reply.push(distanceText(distance / unitMeters));
  if (isWithHash) reply.push(hashReply(score));
  if (isWithPosition) reply.push(positionReply(position));
  return reply;
}
