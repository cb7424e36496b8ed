/**
 * LOLWUT: a small picture, different each time: stones on a line that point north.
 */
import { errors } from "../../base/errors.ts";
import { VerbatimReply } from "../../resp/frame.ts";
import { integer, multiple, optional, withToken } from "../argument.ts";
import type { Command } from "../command.ts";
import { optionName } from "../context.ts";
import { parseInteger } from "../integer-argument.ts";

const STONES = ["o", "O", ".", "@", "*"];

export const lolwutCommand: Command = {
  name: "lolwut",
  group: "server",
  summary: "Shows a picture, and the version of the server.",
  since: "5.0.0",
  complexity: "O(1)",
  arity: -1,
  flags: ["readonly", "fast"],
  arguments: [
    optional(withToken("VERSION", integer("version"))),
    optional(multiple(integer("size"))),
  ],
  run: (context, args) => {
    let sizesFrom = 1;
    if (args.length >= 3 && optionName(args[1]) === "VERSION") {
      if (parseInteger(args[2]) === undefined) return errors.notAnInteger;
      sizesFrom = 3;
    }
    const sizes: number[] = [];
    for (let index = sizesFrom; index < args.length; index += 1) {
      const size = parseInteger(args[index]);
      if (size === undefined) return errors.notAnInteger;
      sizes.push(size);
    }
    const columns = Math.min(Math.max(sizes[0] ?? 48, 8), 160);
    const rows = Math.min(Math.max(sizes[1] ?? 6, 1), 40);
    const picture = drawStones(columns, rows, () => context.server.random());
    return new VerbatimReply("txt", `${picture}\nRedis ver. ${context.server.version}\n`);
  },
};

function drawStones(columns: number, rows: number, random: () => number): string {
  const lines: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    let line = "";
    for (let column = 0; column < columns; column += 1) {
      const isNorth = column === Math.floor(columns / 2);
      line += isNorth ? "|" : random() < 0.12 ? STONES[Math.floor(random() * STONES.length)] : " ";
    }
    lines.push(line.trimEnd());
  }
  return `${lines.join("\n")}\n`;
}
