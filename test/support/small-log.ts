/**
 * A small log in a folder of a fake disk, with effects of every kind, several segments and two
 * epochs: the golden log of format version 2.
 */
import { readFileSync } from "node:fs";
import type { World } from "../../src/node/world.ts";
import { systemClock, systemTimers } from "../../src/runtime/clock.ts";
import { joinPath } from "../../src/runtime/disk.ts";
import { FakeDisk } from "../../src/runtime/fake-disk.ts";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { silentLogger } from "../../src/runtime/logger.ts";
import { systemProcess } from "../../src/runtime/process.ts";
import { systemSecrets } from "../../src/runtime/secrets.ts";
import { goldenSegmentBytes } from "../log/golden-log.ts";
import { followersOn } from "./in-process-followers.ts";
import { LOG_FOLDER } from "./log-records.ts";

export function smallLog(): FakeDisk {
  const disk = new FakeDisk(seededRandom(1));
  const text = readFileSync(new URL("../fixtures/log-v2.hex", import.meta.url), "utf8");
  for (const part of text.split("file ").slice(1)) {
    const [name, ...lines] = part.trim().split("\n");
    const content = Buffer.alloc(goldenSegmentBytes);
    Buffer.from(lines.join(""), "hex").copy(content);
    disk.place(joinPath(LOG_FOLDER, name), content);
  }
  return disk;
}

export function worldOn(disk: FakeDisk): World {
  return {
    clock: systemClock,
    timers: systemTimers,
    random: seededRandom(1),
    disk,
    process: systemProcess,
    followers: followersOn(disk, systemClock, systemTimers),
    logger: silentLogger,
    secrets: systemSecrets,
  };
}
