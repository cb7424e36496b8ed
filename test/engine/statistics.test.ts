/**
 * What the server counts, and how it tells: slow log, latency, errors, the write's life.
 */
import { describe, expect, it } from "vitest";
import { LatencyHistogram } from "../../src/engine/latency-histogram.ts";
import { engineCommands } from "../support/engine-commands.ts";
import { InProcessServer, silentLogger } from "../support/in-process-server.ts";

type Configuration = readonly (readonly [string, string])[];

const newServer = (configuration: Configuration = []) =>
  new InProcessServer({ commands: engineCommands(), configuration });

describe("the latency histogram", () => {
  it("is at most 7 % off at every percentile", () => {
    for (const duration of [1, 15, 16, 17, 1000, 1e6, 2 ** 31 - 1, 2 ** 31, 5e9, 6e10]) {
      const histogram = new LatencyHistogram();
      histogram.record(duration);
      const told = histogram.percentileNanoseconds(50);
      expect(told).toBeGreaterThanOrEqual(duration);
      expect(told).toBeLessThanOrEqual(duration * 1.07);
    }
  });

  it("orders percentiles", () => {
    const histogram = new LatencyHistogram();
    for (let microseconds = 1; microseconds <= 1000; microseconds += 1) {
      histogram.record(microseconds * 1000);
    }
    expect(histogram.percentileNanoseconds(50) / 500_000).toBeCloseTo(1, 0);
    expect(histogram.percentileNanoseconds(99) / 990_000).toBeCloseTo(1, 0);
    const pairs = histogram.cumulativeByMicrosecondPowers();
    expect(pairs.slice(-2)).toEqual([1024, 1000]);
    expect(pairs.slice(0, 2)).toEqual([1, 1]);
  });

  it("counts what is longer than its last bucket in its last bucket", () => {
    const histogram = new LatencyHistogram();
    histogram.record(1e15);
    expect(histogram.cumulativeByMicrosecondPowers().at(-1)).toBe(1);
  });
});

describe("INFO commandstats, errorstats and latencystats", () => {
  it("counts calls, refusals and failures", () => {
    const client = newServer().connect();
    client.command("PING");
    client.error("FETCH");
    client.error("SELECT", "99");
    client.error("NOPE");
    const commands = client.command("INFO", "commandstats");
    expect(commands).toMatch(/cmdstat_ping:calls=1,usec=0,usec_per_call=0.00,rejected_calls=0/);
    expect(commands).toMatch(/cmdstat_fetch:calls=0,.*rejected_calls=1,failed_calls=0/);
    expect(commands).toMatch(/cmdstat_select:calls=1,.*rejected_calls=0,failed_calls=1/);
    expect(client.command("INFO", "errorstats")).toContain("errorstat_ERR:count=3");
    expect(client.command("INFO", "latencystats")).toMatch(
      /latency_percentiles_usec_ping:p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}/,
    );
    client.command("CONFIG", "RESETSTAT");
    expect(client.command("INFO", "errorstats")).not.toContain("errorstat_ERR");
    expect(client.command("INFO", "commandstats")).not.toContain("cmdstat_ping");
  });

  it("counts commands inside a transaction by their own names", () => {
    const client = newServer().connect();
    client.command("MULTI");
    client.command("PING");
    client.command("EXEC");
    expect(client.command("INFO", "commandstats")).toContain("cmdstat_ping:calls=1");
  });
});

describe("SLOWLOG", () => {
  it("takes everything at threshold 0, newest first, and nothing at -1", () => {
    const client = newServer([["slowlog-log-slower-than", "0"]]).connect();
    client.command("CLIENT", "SETNAME", "slow");
    client.command("ECHO", "x".repeat(200));
    client.command("ECHO", ...["y"]);
    const entries = client.command("SLOWLOG", "GET", "2");
    expect(entries).toEqual([
      [2, 1_700_000_000, 0, ["ECHO", "y"], "127.0.0.1:50001", "slow"],
      [
        1,
        1_700_000_000,
        0,
        ["ECHO", `${"x".repeat(128)}... (72 more bytes)`],
        "127.0.0.1:50001",
        "slow",
      ],
    ]);
    client.command("CONFIG", "SET", "slowlog-log-slower-than", "-1");
    client.command("SLOWLOG", "RESET");
    client.command("PING");
    expect(client.command("SLOWLOG", "LEN")).toBe(0);
  });

  it("never shows a password, and keeps to its length", () => {
    const client = newServer([
      ["slowlog-log-slower-than", "0"],
      ["slowlog-max-len", "2"],
    ]).connect();
    client.command("AUTH", "default", "secret");
    client.command("HELLO", "2", "AUTH", "default", "secret");
    for (let round = 0; round < 5; round += 1) client.command("PING");
    expect(client.command("SLOWLOG", "LEN")).toBe(2);
    expect(JSON.stringify(client.command("SLOWLOG", "GET", "-1"))).not.toContain("secret");
    expect(client.error("SLOWLOG", "GET", "-2")).toBe(
      "ERR count should be greater than or equal to -1",
    );
  });

  it("cuts long argument lists", () => {
    const client = newServer([["slowlog-log-slower-than", "0"]]).connect();
    client.command("WATCH", ...Array.from({ length: 40 }, (_, index) => `k${index}`));
    const [entry] = client.command("SLOWLOG", "GET", "1") as unknown[][];
    expect(entry[3]).toHaveLength(32);
    expect((entry[3] as string[])[31]).toBe("... (10 more arguments)");
  });
});

describe("INFO persistence", () => {
  it("counts what clients changed, a transaction once, and what changed nothing not at all", () => {
    const client = new InProcessServer({ commands: engineCommands() }).connect();
    const changes = () =>
      /changes_since_last_save:(\d+)/.exec(String(client.command("INFO", "persistence")))?.[1];
    client.command("PUT", "a", "1");
    client.command("DROP", "missing");
    expect(changes()).toBe("1");
    client.command("MULTI");
    client.command("PUT", "a", "2");
    client.command("PUT", "b", "2");
    client.command("EXEC");
    expect(changes()).toBe("2");
    client.command("CONFIG", "RESETSTAT");
    expect(changes()).toBe("2");
  });
});

describe("the life of a write", () => {
  it("is logged behind its flag: executed, appended, durable, replied", () => {
    const lines: { readonly fields: object; readonly message: string }[] = [];
    const server = new InProcessServer({
      commands: engineCommands(),
      configuration: [["trace-writes", "yes"]],
      isManual: true,
      logger: { ...silentLogger, debug: (fields, message) => lines.push({ fields, message }) },
    });
    const client = server.connect();
    client.post("PUT", "a", "1");
    server.world.advance(5);
    expect(lines).toEqual([]);
    server.sink.makeDurable();
    expect(lines).toEqual([
      {
        fields: {
          session: 1,
          command: "put",
          sequence: 1,
          executedMs: 0,
          appendedMs: 0,
          durableMs: 5,
          repliedMs: 5,
        },
        message: "write",
      },
    ]);
  });
});
