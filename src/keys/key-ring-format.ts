/**
 * The key ring, `keys.json` in the data folder: one JSON document, replaced whole.
 *
 *   master          who wraps: "file" or "command", and the fingerprint of a key from a file
 *   wrappedRingKey  the ring's own key, wrapped by the master key (base64)
 *   sealedFrom      every record of the log from this sequence on is sealed
 *   keys            data keys, each sealed with the ring key and bound to its id (base64)
 *   checksum        CRC-32C of the document without checksum and mac: accidents, seen without a key
 *   mac             HMAC-SHA-256 of the same by the ring key: whoever changed it did not know it
 *
 * The text must be, byte for byte, what `encodeKeyRing` makes of it.
 */
import { crc32c } from "../base/crc32c.ts";
import { limits } from "../base/limits.ts";
import { hmacSha256, systemHashing } from "../runtime/hashing.ts";

export const KEY_RING_NAME = "keys.json";
const FORMAT = "lodestone key ring";
const VERSION = 1;
const MAC_LABEL = Buffer.from("lodestone key ring mac 1\n");

export interface WrappedDataKey {
  readonly id: number;
  readonly createdAtMs: number;
  /** No record behind it is sealed with this key; null of the present one, or where not known. */
  readonly lastSequence: number | null;
  /** Plain bytes sealed with it, as far as they were noted. */
  readonly sealedBytes: number;
  readonly wrapped: string;
}

export interface KeyRingDocument {
  readonly master: { readonly kind: "file" | "command"; readonly fingerprint: string };
  readonly wrappedRingKey: string;
  readonly sealedFrom: number;
  /** Ids rise; the last one is the present one. */
  readonly keys: readonly WrappedDataKey[];
}

export interface DecodedKeyRing {
  readonly document: KeyRingDocument;
  /** Whether whoever wrote it had this ring key. */
  isMadeWith(ringKey: Buffer): boolean;
}

export function encodeKeyRing(document: KeyRingDocument, ringKey: Buffer): Buffer {
  const body = bodyOf(document);
  return textOf(body, macOf(body, ringKey).toString("hex"));
}

/** What is in the bytes, or what is wrong with them. */
export function decodeKeyRing(bytes: Buffer): DecodedKeyRing | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString("utf8"));
  } catch {
    return "it is no JSON document";
  }
  if (!isObject(parsed) || parsed["format"] !== FORMAT) return "it is no key ring";
  if (parsed["version"] !== VERSION) return `its version ${String(parsed["version"])} is not known`;
  const { mac } = parsed;
  if (!isDocument(parsed) || typeof mac !== "string") return "a part of it is missing or wrong";
  const body = bodyOf(parsed);
  if (!textOf(body, mac).equals(bytes)) return "its checksum is wrong";
  if (!parsed.keys.every(({ id }, index) => index === 0 || id > parsed.keys[index - 1].id)) {
    return "its keys are out of order";
  }
  const isMadeWith = (ringKey: Buffer): boolean =>
    systemHashing.equalInConstantTime(
      Buffer.from(macOf(body, ringKey).toString("hex")),
      Buffer.from(mac),
    );
  return { document: parsed, isMadeWith };
}

/** With nothing but the known parts, in their order. */
function bodyOf({ master, wrappedRingKey, sealedFrom, keys }: KeyRingDocument): object {
  return {
    format: FORMAT,
    version: VERSION,
    master: { kind: master.kind, fingerprint: master.fingerprint },
    wrappedRingKey,
    sealedFrom,
    keys: keys.map(({ id, createdAtMs, lastSequence, sealedBytes, wrapped }) => ({
      id,
      createdAtMs,
      lastSequence,
      sealedBytes,
      wrapped,
    })),
  };
}

function textOf(body: object, mac: string): Buffer {
  const checksum = crc32c(Buffer.from(JSON.stringify(body)));
  return Buffer.from(`${JSON.stringify({ ...body, checksum, mac }, undefined, 2)}\n`);
}

function macOf(body: object, ringKey: Buffer): Buffer {
  return hmacSha256(ringKey, Buffer.concat([MAC_LABEL, Buffer.from(JSON.stringify(body))]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isDocument(value: object): value is KeyRingDocument {
  if (!("master" in value && "wrappedRingKey" in value && "keys" in value)) return false;
  const { master, wrappedRingKey, keys } = value;
  return (
    isObject(master) &&
    (master["kind"] === "file" || master["kind"] === "command") &&
    typeof master["fingerprint"] === "string" &&
    typeof wrappedRingKey === "string" &&
    "sealedFrom" in value &&
    isCount(value.sealedFrom) &&
    Array.isArray(keys) &&
    keys.length > 0 &&
    keys.length <= limits.dataKeysMax &&
    keys.every(isDataKey)
  );
}

function isDataKey(value: unknown): value is WrappedDataKey {
  return (
    isObject(value) &&
    isCount(value["id"]) &&
    value["id"] > 0 &&
    value["id"] < 2 ** 32 &&
    isCount(value["createdAtMs"]) &&
    (value["lastSequence"] === null || isCount(value["lastSequence"])) &&
    isCount(value["sealedBytes"]) &&
    typeof value["wrapped"] === "string"
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
