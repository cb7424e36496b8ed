/**
 * Encryption at rest, as a node has it: the keys of its folder, their care while it runs, and what
 * INFO says of them. The log seals and opens with them, and so do snapshots.
 */
import type { ConfigurationAccess } from "../commands/server-control.ts";
import { FolderKeys } from "../keys/folder-keys.ts";
import type { MasterKeySetting } from "../keys/master-key.ts";
import type { LogTail } from "../log/log-driver.ts";
import type { AesGcmCipher } from "../runtime/cipher.ts";
import { KeyCare } from "./key-care.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;

export class NodeEncryption {
  readonly keys: FolderKeys;
  readonly #care: KeyCare;
  readonly #newestSequence: () => number;

  /** `newestSequence` is the newest record that may be sealed already. */
  constructor(
    { folder, masterKey }: { readonly folder: string; readonly masterKey?: MasterKeySetting },
    { disk, timers, secrets, clock, logger }: World,
    configuration: ConfigurationAccess,
    newestSequence: () => number,
  ) {
    const nowMs = () => clock.nowMs();
    const master = masterKey ?? { file: "", command: "" };
    const keys = new FolderKeys({ disk, folder, secrets, nowMs, logger, master });
    const bounds = () => ({
      ageMaxMs: configuration.number("data-key-max-days") * DAY_MS,
      sealedBytesMax: configuration.number("data-key-max-bytes"),
    });
    this.keys = keys;
    this.#newestSequence = newestSequence;
    this.#care = new KeyCare({ disk, folder, timers, logger, keys, bounds, newestSequence });
  }

  /** Before the claim, which is the first record that is encrypted where encryption begins. */
  begin(tail: LogTail): Promise<AesGcmCipher | undefined> {
    return this.keys.begin(tail.sequence);
  }

  /** After the claim. */
  start(): Promise<void> {
    return this.#care.start();
  }

  /** CONFIG SET of the master key's place. */
  readonly rotate = (master: MasterKeySetting): Promise<void> =>
    this.keys.rotate(master, this.#newestSequence);

  /** For INFO: which key, and how much of the log is of before it; nothing that is secret. */
  lines(): string[] {
    const { cipher, keyCount, sealedFrom } = this.keys;
    if (cipher === undefined) return ["encryption:off"];
    return [
      "encryption:on",
      `encryption_key_id:${cipher.keyId}`,
      `encryption_key_count:${keyCount}`,
      `encryption_from_sequence:${sealedFrom}`,
      `encryption_plain_segments:${this.#care.plainSegmentCount}`,
      `encryption_plain_snapshots:${this.#care.plainSnapshotCount}`,
    ];
  }

  /** Before the folder is let go. */
  async stop(): Promise<void> {
    await this.#care.stop();
    await this.keys.close();
  }
}
