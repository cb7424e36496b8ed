/**
 * Places as numbers beside the same bit by bit; areas and the cells that cover them beside a look
 * at every place, poles and the date line included.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellsOf, distanceInside, type GeoArea } from "../../src/data/geo-area.ts";
import { distanceBetween } from "../../src/data/geo-distance.ts";
import {
  decodePosition,
  encodePosition,
  geohashText,
  LATITUDE_MAX,
  LATITUDE_MIN,
  numbersOf,
  type Position,
} from "../../src/data/geohash.ts";

const longitude = fc.oneof(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.constantFrom(-180, 180, -179.999, 179.999, 0),
);
const latitude = fc.oneof(
  fc.double({ min: LATITUDE_MIN, max: LATITUDE_MAX, noNaN: true }),
  fc.constantFrom(LATITUDE_MIN, LATITUDE_MAX, -85, 85, 0),
);
const position: fc.Arbitrary<Position> = fc.record({ longitude, latitude });

/** Halving both axes 26 times, longitude first. */
function byHalves({ longitude: x, latitude: y }: Position): number {
  let number = 0;
  let [west, east, south, north] = [-180, 180, LATITUDE_MIN, LATITUDE_MAX];
  for (let step = 0; step < 26; step += 1) {
    const middle = (west + east) / 2;
    number = number * 2 + (x >= middle ? 1 : 0);
    if (x >= middle) west = middle;
    else east = middle;
    const center = (south + north) / 2;
    number = number * 2 + (y >= center ? 1 : 0);
    if (y >= center) south = center;
    else north = center;
  }
  return number;
}

describe("a place as a number", () => {
  it("is the cell that halving finds, and comes back within it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 26 - 1 }),
        fc.integer({ min: 0, max: 2 ** 26 - 1 }),
        (x, y) => {
          const place = {
            longitude: -180 + ((x + 0.5) / 2 ** 26) * 360,
            latitude: LATITUDE_MIN + ((y + 0.5) / 2 ** 26) * (LATITUDE_MAX - LATITUDE_MIN),
          };
          const number = encodePosition(place);
          expect(number).toBe(byHalves(place));
          const back = decodePosition(number);
          expect(encodePosition(back)).toBe(number);
          expect(distanceBetween(place, back)).toBeLessThan(0.01);
        },
      ),
    );
  });

  it("is a place whatever the number is", () => {
    for (const number of [-1, 1.5, 2 ** 53, 2 ** 60, -(2 ** 60), 1e300, -1e300]) {
      const { longitude: x, latitude: y } = decodePosition(number);
      expect(Math.abs(x)).toBeLessThanOrEqual(180);
      expect(Math.abs(y)).toBeLessThanOrEqual(LATITUDE_MAX);
    }
    for (const number of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(Number.isFinite(decodePosition(number).latitude)).toBe(true);
    }
  });

  it("reads as a geohash", () => {
    expect(geohashText({ longitude: -5.6, latitude: 42.6 })).toBe("ezs42e44yx0");
    expect(geohashText({ longitude: 13.361389, latitude: 38.115556 })).toBe("sqc8b49rny0");
    expect(geohashText({ longitude: 180, latitude: 0 })).toMatch(/^[0-9b-z]{10}0$/);
  });
});

describe("the cells of an area", () => {
  const meters = fc.oneof(
    fc.constantFrom(0, 1, 1000, 1e5, 1e6, 5e6, 1e7, 2.1e7, 1e9),
    fc.double({ min: 0, max: 8e6, noNaN: true }),
  );
  const area: fc.Arbitrary<GeoArea> = fc.oneof(
    fc.record({ shape: fc.constant("circle" as const), radiusMeters: meters }),
    fc.record({ shape: fc.constant("box" as const), widthMeters: meters, heightMeters: meters }),
  );
  /** Places near the center are likely to be inside small areas. */
  const nearby = fc.tuple(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.constantFrom(0.01, 0.5, 5, 60),
  );

  it("hold every place inside, each once", () => {
    fc.assert(
      fc.property(
        area,
        position,
        fc.array(position, { maxLength: 30 }),
        fc.array(nearby, { maxLength: 30 }),
        (searched, center, far, near) => {
          const around = near.map(([x, y, scale]) => ({
            longitude: ((((center.longitude + x * scale + 180) % 360) + 360) % 360) - 180,
            latitude: Math.min(LATITUDE_MAX, Math.max(LATITUDE_MIN, center.latitude + y * scale)),
          }));
          const ranges = cellsOf(searched, center).map(numbersOf);
          for (const place of [...far, ...around]) {
            const number = encodePosition(place);
            const holding = ranges.filter(({ min, max }) => number >= min && number < max);
            expect(holding.length).toBeLessThanOrEqual(1);
            if (distanceInside(searched, center, decodePosition(number)) >= 0) {
              expect([searched, center, place, holding.length]).toEqual([
                searched,
                center,
                place,
                1,
              ]);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("are few and small for small areas", () => {
    const center = { longitude: 13.4, latitude: 52.5 };
    const cells = cellsOf({ shape: "circle", radiusMeters: 100 }, center);
    expect(cells.length).toBeLessThanOrEqual(9);
    const covered = cells.map(numbersOf).reduce((sum, { min, max }) => sum + max - min, 0);
    expect(covered / 2 ** 52).toBeLessThan(1e-7);
  });
});
