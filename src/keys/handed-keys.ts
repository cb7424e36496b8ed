/**
 * Data keys on their way to a process that works on the same folder for its server. They cross by
 * the channel between both, and are neither in its arguments nor in its environment.
 */
import type { RecordKeys } from "../log/log-driver.ts";
import { AesGcmCipher } from "../runtime/cipher.ts";
import type { SecretDoor } from "../runtime/secrets.ts";

/** Plain enough for a structured clone. */
export interface HandedKeys {
  readonly keys: readonly { readonly id: number; readonly secret: Uint8Array }[];
  readonly keyId: number;
  readonly sealedFrom: number;
}

/** The other side: it seals with the key that was the present one when they were handed over. */
export function takeHandedKeys(
  handed: HandedKeys | undefined,
  { randomBytes }: Pick<SecretDoor, "randomBytes">,
): RecordKeys {
  if (handed === undefined) return { cipher: undefined, sealedFrom: Number.POSITIVE_INFINITY };
  const { keys, keyId, sealedFrom } = handed;
  const owned = keys.map(({ id, secret }) => ({ id, secret: Buffer.from(secret) }));
  return { cipher: new AesGcmCipher(owned, keyId, randomBytes), sealedFrom };
}
