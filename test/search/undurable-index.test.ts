/**
 * What a search says of an index itself rests on records too: that it is there, and that it is not.
 */
import { expect, test } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { Catalog } from "../../src/search/indexer.ts";
import { InProcessServer, silentLogger } from "../support/in-process-server.ts";
import { RememberingEngine } from "./index-support.ts";

function start() {
  const server: InProcessServer = new InProcessServer({
    isManual: true,
    makeCatalog: (keyspace) => {
      const catalog = new Catalog(keyspace, new RememberingEngine(), {
        monotonicMs: () => 0,
        soon: () => undefined,
        after: () => ({ cancel: () => undefined }),
        logger: silentLogger,
      });
      keyspace.addListener(catalog);
      return catalog;
    },
  });
  const [writer, reader] = [server.connect(), server.connect()];
  writer.post("FT.CREATE", "one", "SCHEMA", "t", "TAG");
  return { server, writer, reader };
}

test("a search of an index whose drop is not durable yet waits before it says so", () => {
  const { server, writer, reader } = start();
  server.sink.makeDurable();
  writer.post("FT.DROPINDEX", "one");
  expect(reader.tryCommand("FT.SEARCH", "one", "*")).toBeUndefined();
  server.sink.makeDurable();
  expect(reader.take()).toMatchObject({ text: "one: no such index" });
});

test("a query that does not fit an index that is not durable yet waits before it says so", () => {
  const { server, reader } = start();
  expect(reader.tryCommand("FT.SEARCH", "one", "@other:{x}")).toBeUndefined();
  server.sink.makeDurable();
  expect(reader.take()).toBeInstanceOf(ErrorReply);
});
