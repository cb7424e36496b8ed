/**
 * HPERSIST: Fields expire no more.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { key } from "../argument.ts";
import type { Command } from "../command.ts";
import {
  expiryOf,
  fieldsArgument,
  NO_EXPIRY,
  notPositiveCount,
  parseFields,
} from "./field-arguments.ts";
import { setFieldExpiry } from "./field-expiry.ts";

const REMOVED = 1;

export const hpersistCommand: Command = {
  name: "hpersist",
  group: "hash",
  summary: "Removes the expiration time for each specified field.",
  since: "7.4.0",
  complexity: "O(N) where N is the number of specified fields",
  arity: -5,
  flags: ["write", "fast"],
  keys: [{ flags: ["RW", "update"], first: 1, last: 1, step: 1 }],
  arguments: [key(), fieldsArgument],
  valueType: "hash",
  run: (context, args) => {
    const name = toBinaryString(args[1]);
    const hash = context.lookupHash(name);
    if (hash instanceof ErrorReply) return hash;
    const fields = parseFields(args, 2, notPositiveCount);
    if (fields instanceof ErrorReply) return fields;
    const changed = new Set<string>();
    const codes = fields.map((field) => {
      if (changed.has(field)) return NO_EXPIRY;
      const expiryMs = expiryOf(hash, field);
      if (expiryMs < 0) return expiryMs;
      changed.add(field);
      return REMOVED;
    });
    setFieldExpiry(context, name, [...changed], 0);
    return codes;
  },
};
