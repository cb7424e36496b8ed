/**
 * Configuration: which source wins, what is refused and how, and CONFIG GET, SET and REWRITE.
 */
import { describe, expect, it } from "vitest";
import { Configuration } from "../../src/server/configuration.ts";
import { helpText, readConfiguration } from "../../src/server/configuration-sources.ts";
import { parameters } from "../../src/server/parameters.ts";

function read(flags: string[], environment: Record<string, string> = {}, file = "") {
  return readConfiguration({ flags, environment, readFile: () => file });
}

function configurationOf(result: ReturnType<typeof read>): Configuration {
  if (result.kind !== "values") throw new Error(JSON.stringify(result));
  return new Configuration(result.values, result.file, () => {});
}

describe("sources", () => {
  it("a flag wins over the environment, that over the file, that over the default", () => {
    const file = "# a comment\nport 1\ntimeout 1\nmaxclients 1\n";
    const environment = { LODESTONE_PORT: "2", LODESTONE_TIMEOUT: "2", PORT: "9" };
    const configuration = configurationOf(
      read(["--port", "3", "--config", "any"], environment, file),
    );
    const names = ["port", "timeout", "maxclients", "databases"];
    expect(names.map((name) => configuration.number(name))).toEqual([3, 2, 1, 16]);
  });

  it.each([
    [["--nothing", "1"], /'nothing' is not known/],
    [["--port", "65536"], /port 65536.*between 0 and 65535/],
    [["--port"], /--port has no value/],
    [["port", "1"], /'port' is not a flag/],
    [["--appendonly", "no"], /every acknowledged write is in the log/],
    [["--master-key-file", "f", "--master-key-command", "c"], /master-key-command, not both/],
    [["--master-key-file", "f", "--log", "memory"], /nothing to encrypt/],
  ])("%j is a problem that names it", (flags, problem) => {
    expect(read(flags)).toMatchObject({ kind: "problem", problem: expect.stringMatching(problem) });
  });

  it("names the line of the file that is wrong", () => {
    const result = read(["--config", "f"], {}, 'port 1\ndir "x\n');
    expect(result).toEqual({ kind: "problem", problem: "file f, line 2: unbalanced quotes" });
  });

  it("--help explains every parameter", () => {
    const help = helpText();
    for (const { name, help: about } of parameters) {
      expect(help).toContain(`--${name}`);
      expect(help).toContain(about);
    }
  });
});

describe("CONFIG", () => {
  const create = (file = "", write: (path: string, text: string) => void = () => {}) =>
    new Configuration(new Map(), file, write);

  it("SET takes back to CONFIG what GET * shows, immutable ones unchanged", () => {
    const configuration = create();
    for (const pair of configuration.get(["*"])) expect(configuration.set([pair])).toBeUndefined();
  });

  it("SET is all or nothing", () => {
    const configuration = create();
    const error = configuration.set([
      ["timeout", "5"],
      ["maxclients", "many"],
    ]);
    expect(error?.text).toMatch(/^ERR CONFIG SET failed .*'maxclients'/);
    expect(configuration.number("timeout")).toBe(0);
  });

  it("SET reads Redis's units and refuses what cannot be", () => {
    const configuration = create();
    expect(configuration.set([["maxmemory", "2mb"]])).toBeUndefined();
    expect(configuration.text("maxmemory")).toBe("2097152");
    expect(configuration.set([["port", "1"]])?.text).toMatch(/immutable/);
    expect(configuration.set([["appendfsync", "no"]])?.text).toMatch(/acknowledged means durable/);
    expect(configuration.set([["nothing", "1"]])?.text).toMatch(/^ERR Unknown option/);
  });

  it("SET names another program to run only where that is allowed; the same, or none, always", () => {
    const given = new Map([["master-key-command", "key-service"]]);
    const configuration = new Configuration(given, "", () => {});
    const text =
      "ERR CONFIG SET failed (possibly related to argument 'master-key-command') - can't";
    const changed = configuration.check([["master-key-command", "sh -c evil"]]);
    expect(changed?.text).toBe(`${text} set protected config`);
    expect(configuration.set([["master-key-command", "sh -c evil"]])?.text).toBe(changed?.text);
    expect(configuration.check([["master-key-command", "key-service"]])).toBeUndefined();
    expect(configuration.check([["master-key-command", ""]])).toBeUndefined();
    const allowed = new Map([["enable-protected-configs", "yes"]]);
    const open = new Configuration(allowed, "", () => {});
    expect(open.set([["master-key-command", "other"]])).toBeUndefined();
    expect(configuration.set([["enable-protected-configs", "yes"]])?.text).toMatch(/immutable/);
  });

  it("REWRITE writes a file that reads back to the same", () => {
    let written = "";
    const configuration = create("f", (_, text) => {
      written = text;
    });
    configuration.set([["requirepass", 'a "b\\ #é']]);
    expect(configuration.rewrite()).toBeUndefined();
    const again = configurationOf(read(["--config", "f"], {}, written));
    expect(again.get(["*"])).toEqual(configuration.get(["*"]));
    expect(create().rewrite()?.text).toBe("ERR The server is running without a config file");
  });
});
