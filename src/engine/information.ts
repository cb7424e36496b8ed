/**
 * INFO: the sections that clients and dashboards read, in Redis's layout.
 *
 * A section is a function from the server to its lines; `sections` lists them in INFO's order, and
 * says which belong to the default. Two are ours: `log` (how far the log is durable) and those that
 * search gives (`catalog.infoSections()`).
 */
import { LODESTONE_VERSION, REDIS_VERSION } from "../base/version.ts";
import { commandStatisticsLines, errorLines, latencyLines } from "./information-commands.ts";
import { clientLines, memoryLines, persistenceLines, statsLines } from "./information-state.ts";
import type { EngineServerControl } from "./server-control.ts";

interface Section {
  readonly name: string;
  readonly title: string;
  readonly isDefault: boolean;
  readonly lines: (server: EngineServerControl) => readonly string[];
}

const sections: readonly Section[] = [
  { name: "server", title: "Server", isDefault: true, lines: serverLines },
  { name: "clients", title: "Clients", isDefault: true, lines: clientLines },
  { name: "memory", title: "Memory", isDefault: true, lines: memoryLines },
  { name: "persistence", title: "Persistence", isDefault: true, lines: persistenceLines },
  { name: "log", title: "Log", isDefault: true, lines: logLines },
  { name: "stats", title: "Stats", isDefault: true, lines: statsLines },
  { name: "replication", title: "Replication", isDefault: true, lines: replicationLines },
  { name: "cpu", title: "CPU", isDefault: true, lines: processorLines },
  { name: "modules", title: "Modules", isDefault: true, lines: moduleLines },
  { name: "commandstats", title: "Commandstats", isDefault: false, lines: commandStatisticsLines },
  { name: "errorstats", title: "Errorstats", isDefault: true, lines: errorLines },
  { name: "latencystats", title: "Latencystats", isDefault: false, lines: latencyLines },
  { name: "cluster", title: "Cluster", isDefault: true, lines: () => ["cluster_enabled:0"] },
  { name: "keyspace", title: "Keyspace", isDefault: true, lines: keyspaceLines },
];

/** `wanted` in lower case; empty, `default`, `all` and `everything` stand for groups. */
export function informationText(server: EngineServerControl, wanted: readonly string[]): string {
  const isAll = wanted.includes("all") || wanted.includes("everything");
  const isDefault = wanted.length === 0 || wanted.includes("default");
  const texts: string[] = [];
  const add = (title: string, lines: readonly string[]) =>
    texts.push(`# ${title}\r\n${lines.map((line) => `${line}\r\n`).join("")}`);
  for (const section of sections) {
    if (!isAll && !(isDefault && section.isDefault) && !wanted.includes(section.name)) continue;
    add(section.title, section.lines(server));
  }
  const isSearch = isAll || isDefault || wanted.includes("search") || wanted.includes("modules");
  for (const section of server.parts.engine.catalog.infoSections()) {
    if (isSearch || wanted.includes(section.name.toLowerCase())) add(section.name, section.lines);
  }
  return texts.join("\r\n");
}

function serverLines(server: EngineServerControl): readonly string[] {
  const { process, clock } = server.parts.engine;
  const uptimeSeconds = Math.floor((clock.nowMs() - server.startedAtMs) / 1000);
  return [
    `redis_version:${REDIS_VERSION}`,
    `lodestone_version:${LODESTONE_VERSION}`,
    "redis_git_sha1:00000000",
    "redis_git_dirty:0",
    "redis_build_id:0",
    "redis_mode:standalone",
    `os:${process.operatingSystem}`,
    "arch_bits:64",
    "monotonic_clock:POSIX clock_gettime",
    "multiplexing_api:libuv",
    `node_version:${process.nodeVersion}`,
    `process_id:${process.processId}`,
    "process_supervised:no",
    `run_id:${server.runId}`,
    `tcp_port:${process.port}`,
    `server_time_usec:${server.nowMicroseconds()}`,
    `uptime_in_seconds:${uptimeSeconds}`,
    `uptime_in_days:${Math.floor(uptimeSeconds / 86_400)}`,
    "hz:10",
    "configured_hz:10",
    `executable:${process.executable}`,
    `config_file:${process.configFile}`,
    "io_threads_active:0",
  ];
}

function logLines(server: EngineServerControl): readonly string[] {
  return [
    `appliedSequence:${server.appliedSequence}`,
    `durableSequence:${server.durableSequence}`,
    `log_records_not_durable:${server.appliedSequence - server.durableSequence}`,
    ...server.parts.engine.process.logLines(),
  ];
}

function replicationLines(server: EngineServerControl): readonly string[] {
  return [
    "role:master",
    "connected_slaves:0",
    "master_failover_state:no-failover",
    `master_replid:${server.runId}`,
    "master_replid2:0000000000000000000000000000000000000000",
    `master_repl_offset:${server.durableSequence}`,
    "second_repl_offset:-1",
    "repl_backlog_active:0",
    "repl_backlog_size:0",
    "repl_backlog_first_byte_offset:0",
    "repl_backlog_histlen:0",
  ];
}

function processorLines(server: EngineServerControl): readonly string[] {
  const { system, user } = server.parts.engine.process.processorSeconds();
  return [
    `used_cpu_sys:${system.toFixed(6)}`,
    `used_cpu_user:${user.toFixed(6)}`,
    "used_cpu_sys_children:0.000000",
    "used_cpu_user_children:0.000000",
  ];
}

/** Clients look for these before they send FT.* commands. */
function moduleLines(): readonly string[] {
  return ["module:name=search,ver=21020,api=1,filters=0,usedby=[],using=[],options=[]"];
}

function keyspaceLines(server: EngineServerControl): readonly string[] {
  const lines: string[] = [];
  for (const [index, database] of server.parts.engine.keyspace.databases.entries()) {
    if (database.keyCount === 0) continue;
    const counts = `keys=${database.keyCount},expires=${database.expiringCount}`;
    lines.push(`db${index}:${counts},avg_ttl=0,subexpiry=${database.fieldExpiringCount}`);
  }
  return lines;
}
