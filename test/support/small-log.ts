/**
 * A small log in a folder of a fake disk, with effects of every kind, several segments and two
 * epochs: the golden log of format version 2, and the sealed one of version 3 with its keys.
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
import { FakeSecrets, masterKeyOf } from "./secrets.ts";

export const GOLDEN_MASTER_KEY = { file: "/master-key", command: "" };

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
}

/** Opens with GOLDEN_MASTER_KEY in the world that comes with it. */
export function smallSealedLog(): { readonly disk: FakeDisk; readonly world: World } {
  const disk = smallLog("log-v3.hex");
  disk.place(joinPath(LOG_FOLDER, "keys.json"), fixture("key-ring-v1.json"));
  const secrets = new FakeSecrets();
  secrets.files.set(GOLDEN_MASTER_KEY.file, masterKeyOf(1));
  return { disk, world: { ...worldOn(disk), secrets } };
}

export function smallLog(name = "log-v2.hex"): FakeDisk {
  const disk = new FakeDisk(seededRandom(1));
  const text = fixture(name).toString();
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
