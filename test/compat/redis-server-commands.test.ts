/**
 * Commands about connections, transactions and the server, beside a real redis-server: the same
 * replies and error texts.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ErrorReply } from "../../src/base/errors.ts";
import { type DecodedReply, InProcessServer } from "../support/in-process-server.ts";
import { findRedisServer, type PeerReply, RedisPeer } from "../support/redis-peer.ts";

const version = findRedisServer();

/** One connection's conversation; `_` stands for a space inside an argument. */
const conversation: readonly string[] = `
ping | PING a | ping a b | echo | echo x | select 1 | select 0 | select 16 | select -1 | select 1.5
hello 5 | hello x | hello 2 setname | hello 3 auth a | hello 2 foo | auth | auth x | auth a b
auth default x | auth a b c | client | client foo | client getname | client setname foo
client getname | client setname a_b | client getname | client reply | client reply foo
client kill | client kill foo | client kill id 0 | client kill id x | client kill id 999
client kill type foo | client kill type pubsub | client kill addr 1:2 laddr 3:4
client kill addr | client kill user nope | client kill skipme foo | client kill foo bar
client list type foo | client list type master | client list type slave | client list id
client list id x | client list id 99999 | client list foo | client no-evict | client no-evict on
client no-evict off | client no-evict x | client pause | client pause x | client pause -1
client pause 0 x | client unpause | client unblock 99999 | client unblock x
client unblock 1 foo | client getredir | client trackinginfo | client tracking off
client tracking foo | client caching yes | multi | multi | watch a | ping | nope | exec | exec
discard | multi | discard | multi | exec | multi | select 99 | echo hi | exec | multi | watch
exec | watch a | unwatch | watch | unwatch a | multi | client foo | exec | exec a | multi
exec a | exec | multi | shutdown | exec | multi | reset | exec | dbsize | dbsize a
flushall foo | flushall async | flushall sync | flushdb sync x | flushdb | swapdb | swapdb 0 1
swapdb 0 0 | swapdb a 1 | swapdb 0 b | swapdb 0 77 | swapdb -1 0 | slowlog | slowlog foo
slowlog get foo | slowlog get -1 | slowlog get -3 | slowlog get 1 2 | slowlog len
slowlog reset | slowlog len x | config | config foo | config get | config set
config set maxmemory | config resetstat | config resetstat x | command count x | command foo
command info nosuch | command getkeys | command getkeys nope x | command getkeys ping x
command getkeys watch a b | command getkeysandflags watch a b | command list filterby
command list filterby foo bar | command list filterby pattern xreadz | command docs nosuch
command list filterby module nope | memory | memory foo | memory usage | memory usage nosuch
memory usage nosuch samples | memory usage nosuch samples -1 | memory usage nosuch samples x
memory usage nosuch foo 1 | memory purge | debug | debug sleep 0 | debug object nosuch
debug set-active-expire 1 | debug foo | debug protocol string | debug protocol integer
debug protocol double | debug protocol null | debug protocol array | debug protocol set
debug protocol map | debug protocol verbatim | debug protocol true | debug protocol false
debug protocol bignum | latency | latency foo | latency latest | latency history x
latency graph x | latency reset | latency reset a | lolwut version x | time x | lastsave x
info x y nosuch | shutdown foo | shutdown abort now | shutdown save nosave | shutdown abort
module | module foo | role x | nosuch | nosuch a b | quit
`
  .split(/[|\n]/)
  .map((line) => line.trim())
  .filter((line) => line !== "");

function comparable(reply: DecodedReply | PeerReply): unknown {
  if (reply instanceof ErrorReply) return { error: reply.text };
  if (reply instanceof Error) return { error: reply.message };
  if (typeof reply === "bigint") return String(reply);
  if (Array.isArray(reply)) return reply.map((item) => comparable(item));
  return reply;
}

describe.skipIf(version === undefined)(`beside redis-server ${version ?? "(not here)"}`, () => {
  let peer: RedisPeer;

  beforeAll(async () => {
    peer = await RedisPeer.start(["--enable-debug-command", "yes"]);
  });

  afterAll(() => peer.stop());

  it("answers the same in the same conversation", async () => {
    const client = new InProcessServer().connect();
    for (const [index, line] of conversation.entries()) {
      const args = line.split(" ").map((word) => word.replaceAll("_", " "));
      const theirs = comparable(await peer.command(...args));
      expect(comparable(client.command(...args)), `${index}: ${line}`).toEqual(theirs);
    }
  });
});
