/**
 * Distances on earth, taken as a sphere: great circles by the haversine formula, in meters.
 */
import type { Position } from "./geohash.ts";

/** The quadratic mean radius. */
export const EARTH_RADIUS_METERS = 6372797.560856;

const DEGREE = Math.PI / 180;

export function radians(degrees: number): number {
  return degrees * DEGREE;
}

export function degrees(angle: number): number {
  return angle / DEGREE;
}

export function distanceBetween(left: Position, right: Position): number {
  return distanceOf(left.longitude, left.latitude, right.longitude, right.latitude);
}

/** Between two latitudes, along a meridian. */
export function latitudeDistance(left: number, right: number): number {
  return EARTH_RADIUS_METERS * Math.abs(radians(right) - radians(left));
}

/** Between two longitudes at one latitude. */
export function longitudeDistance(left: number, right: number, latitude: number): number {
  return distanceOf(left, latitude, right, latitude);
}

function distanceOf(
  longitude1: number,
  latitude1: number,
  longitude2: number,
  latitude2: number,
): number {
  const v = Math.sin((radians(longitude2) - radians(longitude1)) / 2);
  if (v === 0) return latitudeDistance(latitude1, latitude2);
  const angle1 = radians(latitude1);
  const angle2 = radians(latitude2);
  const u = Math.sin((angle2 - angle1) / 2);
  const a = u * u + Math.cos(angle1) * Math.cos(angle2) * v * v;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.sqrt(a));
}
