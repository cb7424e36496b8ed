/**
 * What modules keep in a file beside keys: it says of each part what it is, so that who does not
 * know the module can pass it by.
 */
import type { RdbReader } from "./reader.ts";

const Part = { end: 0, signed: 1, unsigned: 2, float: 3, double: 4, string: 5 } as const;
const FLOAT_BYTES = 4;

export function skipModuleData(reader: RdbReader): void {
  // The module's id, and when it wants its data: a number, as its part says.
  reader.wideLength();
  if (reader.length() !== Part.unsigned) reader.fail("a module's data without a time");
  reader.length();
  for (let part = reader.length(); part !== Part.end; part = reader.length()) {
    if (part === Part.signed || part === Part.unsigned) reader.wideLength();
    else if (part === Part.float) reader.raw(FLOAT_BYTES);
    else if (part === Part.double) reader.f64();
    else if (part === Part.string) reader.blob();
    else reader.fail("an unknown part of a module's data");
  }
}
