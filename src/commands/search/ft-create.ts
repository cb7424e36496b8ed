/**
 * FT.CREATE: declares an index over hashes. The definition is an effect; the catalog builds the
 * index when the effect comes back to it as a change, and fills it with the keys that exist.
 */
import { toBinaryString } from "../../base/bytes.ts";
import { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { OK, type Reply } from "../../resp/frame.ts";
import { encodeSchema } from "../../search/definition.ts";
import {
  block,
  integer,
  multiple,
  oneOf,
  optional,
  string,
  token,
  withToken,
} from "../argument.ts";
import type { Command } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { ArgumentCursor } from "./argument-cursor.ts";
import { parseAttributes } from "./create-attributes.ts";
import { parseCreateOptions } from "./create-options.ts";

export const ftCreateCommand: Command = {
  name: "ft.create",
  group: "search",
  summary: "Creates an index over hashes, and fills it with the keys that exist.",
  since: "1.0.0",
  complexity: "O(K) at creation, where K is the number of fields; O(N) in the background",
  arity: -5,
  flags: ["write", "denyoom", "fast", "no_multi"],
  arguments: [
    string("index"),
    optional(withToken("ON", oneOf("data_type", token("HASH")))),
    optional(block("prefix", withToken("PREFIX", integer("count")), multiple(string("prefix")))),
    optional(withToken("LANGUAGE", string("default_lang"))),
    optional(withToken("SCORE", string("default_score"))),
    optional(
      block("stopwords", withToken("STOPWORDS", integer("count")), multiple(string("stopword"))),
    ),
    token("SCHEMA"),
    multiple(
      block(
        "field",
        string("field_name"),
        optional(withToken("AS", string("alias"))),
        oneOf("field_type", token("TEXT"), token("TAG"), token("NUMERIC"), token("VECTOR")),
        optional(multiple(string("option"))),
      ),
    ),
  ],
  readsWholeKeyspace: true,
  run: createIndex,
};

function createIndex(context: CommandContext, args: Parameters<Command["run"]>[1]): Reply {
  if (context.database !== 0) return new ErrorReply("Cannot create index on db != 0");
  const name = toBinaryString(args[1]);
  if (context.search.find(name) !== undefined) return new ErrorReply("Index already exists");
  if (context.search.names().length >= limits.searchIndexesMax) {
    return new ErrorReply(`ERR the limit of ${limits.searchIndexesMax} indexes is reached`);
  }
  const cursor = new ArgumentCursor(args, 2);
  const options = parseCreateOptions(cursor);
  if (options instanceof ErrorReply) return options;
  const attributes = parseAttributes(cursor);
  if (attributes instanceof ErrorReply) return attributes;
  const schema = { keyType: "HASH" as const, attributes, createdAtMs: context.nowMs, ...options };
  context.apply({ id: EffectId.indexCreate, name, definition: encodeSchema(schema) });
  return OK;
}
