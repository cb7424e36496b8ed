/** The SIMD sums: there on this platform, and within the bound that they are trusted by. */
import { expect, test } from "vitest";
import { Float32Scan, sumErrorShare } from "../../src/vector/float32-scan.ts";
import { seededRandom } from "./vector-support.ts";

test("sums of every remainder stay within their error bound", () => {
  const random = seededRandom(21);
  for (const dimensions of [1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 63, 64, 65, 384, 1001]) {
    const scan = Float32Scan.create(dimensions);
    if (scan === null) throw new Error("this platform has SIMD and several memories");
    const rowCount = 40;
    const pages = Math.ceil((rowCount * dimensions * 4) / 65_536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const rows = new Float32Array(memory.buffer, 0, rowCount * dimensions);
    for (let at = 0; at < rows.length; at += 1) rows[at] = random() * 2 - 1;
    const query = Float64Array.from({ length: dimensions }, () => Math.fround(random() * 2 - 1));
    const { dots, squares } = scan.attach(memory);
    scan.setQuery(query);
    const order = Array.from({ length: rowCount }, (_, row) => (row * 7) % rowCount);
    for (const [at, row] of order.entries()) scan.addresses[at] = row * dimensions * 4;
    for (const sums of [dots, squares]) {
      scan.run(sums, rowCount);
      for (const [at, row] of order.entries()) {
        let sum = 0;
        let magnitude = 0;
        for (let dimension = 0; dimension < dimensions; dimension += 1) {
          const left = rows[row * dimensions + dimension];
          const right = query[dimension];
          const part = sums === dots ? left * right : (left - right) ** 2;
          sum += part;
          magnitude += Math.abs(part);
        }
        const allowed = sumErrorShare(dimensions) * magnitude;
        expect(Math.abs(scan.sums[at] - sum)).toBeLessThanOrEqual(allowed);
      }
    }
  }
});
