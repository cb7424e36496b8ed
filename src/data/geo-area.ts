/**
 * Areas to search, and the cells that cover them: the center's and those around it that the area
 * reaches into, as fine as the area allows, so that few places outside are looked at.
 */
import {
  degrees,
  distanceBetween,
  EARTH_RADIUS_METERS,
  latitudeDistance,
  longitudeDistance,
  radians,
} from "./geo-distance.ts";
import {
  boundsOf,
  type Cell,
  type CellBounds,
  cellAt,
  isSameCell,
  neighborOf,
  type Position,
  rimOf,
  STEPS_MAX,
} from "./geohash.ts";

export type GeoArea =
  | { readonly shape: "circle"; readonly radiusMeters: number }
  | { readonly shape: "box"; readonly widthMeters: number; readonly heightMeters: number };

/** Half of the earth's circumference, on the map. */
const MAP_METERS = 20037726.37;

const POLE = 90;

/** The order in which cells are searched, which is that of results without an order. */
const NEIGHBORS: readonly (readonly [toEast: number, toNorth: number])[] = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/** The distance to the center, -1 for a place outside. */
export function distanceInside(area: GeoArea, center: Position, place: Position): number {
  if (area.shape === "circle") {
    const distance = distanceBetween(center, place);
    return distance > area.radiusMeters ? -1 : distance;
  }
  if (latitudeDistance(place.latitude, center.latitude) > area.heightMeters / 2) return -1;
  const across = longitudeDistance(place.longitude, center.longitude, place.latitude);
  return across > area.widthMeters / 2 ? -1 : distanceBetween(center, place);
}

/** Each cell once. */
export function cellsOf(area: GeoArea, center: Position): Cell[] {
  const bounds = boundsAround(area, center);
  let cell = cellAt(center, bounds === undefined ? 1 : stepsFor(reachOf(area), center.latitude));
  if (bounds !== undefined && cell.steps > 1 && !reachesAround(cell, bounds)) {
    cell = cellAt(center, cell.steps - 1);
  }
  const cells = [cell];
  const own = boundsOf(cell);
  // Cells of one halving are too large to tell what they can be left out for.
  const isFine = bounds !== undefined && cell.steps >= 2;
  for (const [toEast, toNorth] of NEIGHBORS) {
    if (isFine && isBeyond(own, bounds, toEast, toNorth)) continue;
    const neighbor = neighborOf(cell, toEast, toNorth);
    if (!cells.some((other) => isSameCell(other, neighbor))) cells.push(neighbor);
  }
  return [...cells, ...cells.flatMap(rimOf)];
}

/** Whether the area ends before it comes to the neighbor. */
function isBeyond(own: CellBounds, area: CellBounds, toEast: number, toNorth: number): boolean {
  return (
    (toNorth < 0 && own.south < area.south) ||
    (toNorth > 0 && own.north > area.north) ||
    (toEast < 0 && own.west < area.west) ||
    (toEast > 0 && own.east > area.east)
  );
}

/** Whether the cell and those around it cover the area. */
function reachesAround(cell: Cell, area: CellBounds): boolean {
  return (
    boundsOf(neighborOf(cell, 0, 1)).north >= area.north &&
    boundsOf(neighborOf(cell, 0, -1)).south <= area.south &&
    boundsOf(neighborOf(cell, 1, 0)).east >= area.east &&
    boundsOf(neighborOf(cell, -1, 0)).west <= area.west
  );
}

/** From the center to the farthest place inside. */
function reachOf(area: GeoArea): number {
  if (area.shape === "circle") return area.radiusMeters;
  const halfWidth = area.widthMeters / 2;
  const halfHeight = area.heightMeters / 2;
  return Math.sqrt(halfWidth * halfWidth + halfHeight * halfHeight);
}

/** How many halvings make cells of about that size; fewer near the poles, where they narrow. */
function stepsFor(reachMeters: number, latitude: number): number {
  if (reachMeters === 0) return STEPS_MAX;
  let steps = -1;
  for (let reach = reachMeters; reach < MAP_METERS; reach *= 2) steps += 1;
  const fromEquator = Math.abs(latitude);
  if (fromEquator > 66) steps -= 1;
  if (fromEquator > 80) steps -= 1;
  return Math.min(STEPS_MAX, Math.max(1, steps));
}

/** Undefined for what goes around the earth: over a pole, or as wide as its parallel. */
function boundsAround(area: GeoArea, { longitude, latitude }: Position): CellBounds | undefined {
  const height = area.shape === "circle" ? area.radiusMeters : area.heightMeters / 2;
  const toNorth = degrees(height / EARTH_RADIUS_METERS);
  // The edge that is nearer to a pole spans more degrees.
  const edge = Math.abs(latitude) + toNorth;
  if (!(edge < POLE)) return undefined;
  const toEast = degrees(angleAcross(area, Math.cos(radians(edge))));
  if (!(toEast < POLE * 2)) return undefined;
  return {
    west: longitude - toEast,
    east: longitude + toEast,
    south: latitude - toNorth,
    north: latitude + toNorth,
  };
}

/** Between the meridians of the center and of the farthest place to its east; maybe more. */
function angleAcross(area: GeoArea, shrinkage: number): number {
  if (area.shape === "circle") return area.radiusMeters / EARTH_RADIUS_METERS / shrinkage;
  const half = area.widthMeters / 2 / EARTH_RADIUS_METERS / 2;
  // A great circle is shorter than the parallel, so that it comes farther.
  return half < Math.PI / 2 ? 2 * Math.asin(Math.sin(half) / shrinkage) : Number.NaN;
}
