/**
 * INFO's sections about clients, memory, persistence and the counters of the server.
 */
import type { EngineServerControl } from "./server-control.ts";

export function clientLines(server: EngineServerControl): readonly string[] {
  const { clients, blocked, watches, engine } = server.parts;
  return [
    `connected_clients:${clients.sessions.size}`,
    "cluster_connections:0",
    `maxclients:${engine.configuration.number("maxclients")}`,
    "client_recent_max_input_buffer:0",
    "client_recent_max_output_buffer:0",
    `blocked_clients:${blocked.count}`,
    "tracking_clients:0",
    `clients_in_timeout_table:${blocked.countWithTimeout}`,
    `watching_clients:${watches.watcherCount}`,
    `total_blocking_keys:${blocked.keyCount}`,
    `total_blocking_keys_on_nokey:${blocked.removalKeyCount}`,
  ];
}

export function humanBytes(sizeBytes: number): string {
  const units = ["B", "K", "M", "G", "T"];
  let unit = 0;
  let amount = sizeBytes;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${amount}B` : `${amount.toFixed(2)}${units[unit]}`;
}

export function memoryLines(server: EngineServerControl): readonly string[] {
  const figures = server.memory();
  const maxmemory = server.parts.settings.maxmemoryBytes;
  const peakShare = figures.peakBytes === 0 ? 100 : (figures.usedBytes * 100) / figures.peakBytes;
  const fragmentation = figures.usedBytes === 0 ? 1 : figures.residentBytes / figures.usedBytes;
  return [
    `used_memory:${figures.usedBytes}`,
    `used_memory_human:${humanBytes(figures.usedBytes)}`,
    `used_memory_rss:${figures.residentBytes}`,
    `used_memory_rss_human:${humanBytes(figures.residentBytes)}`,
    `used_memory_peak:${figures.peakBytes}`,
    `used_memory_peak_human:${humanBytes(figures.peakBytes)}`,
    `used_memory_peak_perc:${peakShare.toFixed(2)}%`,
    "used_memory_overhead:0",
    "used_memory_startup:0",
    `used_memory_dataset:${figures.datasetBytes}`,
    "used_memory_dataset_perc:100.00%",
    `used_memory_search:${figures.searchBytes}`,
    `used_memory_heap:${figures.heapBytes}`,
    "used_memory_lua:0",
    "used_memory_scripts:0",
    `maxmemory:${maxmemory}`,
    `maxmemory_human:${humanBytes(maxmemory)}`,
    "maxmemory_policy:noeviction",
    `mem_fragmentation_ratio:${fragmentation.toFixed(2)}`,
    `mem_fragmentation_bytes:${figures.residentBytes - figures.usedBytes}`,
    "mem_not_counted_for_evict:0",
    "mem_clients_normal:0",
    "mem_allocator:v8",
    "active_defrag_running:0",
    "lazyfree_pending_objects:0",
    "lazyfreed_objects:0",
  ];
}

/** Log and snapshots, in the words for RDB and AOF that clients know. */
export function persistenceLines(server: EngineServerControl): readonly string[] {
  const loading = server.loading;
  const isRefused = loading === undefined && server.parts.engine.sink.refusal !== undefined;
  const lines = [
    `loading:${loading === undefined ? 0 : 1}`,
    "async_loading:0",
    ...savedLines(server),
    "aof_enabled:0",
    "aof_rewrite_in_progress:0",
    "aof_rewrite_scheduled:0",
    "aof_last_bgrewrite_status:ok",
    `aof_last_write_status:${isRefused ? "err" : "ok"}`,
    "module_fork_in_progress:0",
  ];
  if (loading === undefined) return lines;
  const share = loading.bytesTotal === 0 ? 0 : (loading.bytesDone * 100) / loading.bytesTotal;
  return [
    ...lines,
    `loading_start_time:${Math.floor(loading.startedAtMs / 1000)}`,
    `loading_total_bytes:${loading.bytesTotal}`,
    `loading_loaded_bytes:${loading.bytesDone}`,
    `loading_loaded_perc:${share.toFixed(2)}`,
    `loading_eta_seconds:${Math.ceil(loading.secondsLeft)}`,
  ];
}

function savedLines(server: EngineServerControl): string[] {
  const saved = server.snapshots?.figures();
  const { startedAtMs } = saved ?? {};
  const sinceMs = startedAtMs === undefined ? -1 : server.parts.engine.clock.nowMs() - startedAtMs;
  const lastMs = saved?.lastDurationMs ?? -1;
  const lines = [
    `rdb_changes_since_last_save:${saved?.changeCount ?? server.parts.statistics.changeCount}`,
    `rdb_bgsave_in_progress:${startedAtMs === undefined ? 0 : 1}`,
    `rdb_last_save_time:${wholeSeconds(saved?.lastSavedAtMs ?? server.startedAtMs)}`,
    `rdb_last_bgsave_status:${saved?.lastFailure === undefined ? "ok" : "err"}`,
    `rdb_last_bgsave_time_sec:${wholeSeconds(lastMs)}`,
    `rdb_current_bgsave_time_sec:${wholeSeconds(sinceMs)}`,
    `rdb_saves:${saved?.savedCount ?? 0}`,
    "rdb_last_cow_size:0",
    "rdb_last_load_keys_expired:0",
    `rdb_last_load_keys_loaded:${saved?.loadedKeyCount ?? 0}`,
  ];
  if (saved === undefined) return lines;
  return [
    ...lines,
    `snapshot_sequence:${saved.sequence}`,
    `snapshot_trimmed_sequence:${saved.trimmedSequence}`,
    `snapshot_size_bytes:${saved.sizeBytes}`,
    `snapshot_follower_resident_bytes:${saved.followerResidentBytes}`,
    `snapshot_log_bytes_since:${saved.logBytesSince}`,
    `snapshot_step:${saved.step}`,
    `snapshot_progress_perc:${(saved.progress * 100).toFixed(2)}`,
    `snapshot_last_failure:${(saved.lastFailure ?? "").replaceAll(/[\r\n]+/g, " ")}`,
  ];
}

/** -1 stays what it is. */
function wholeSeconds(ms: number): number {
  return ms < 0 ? -1 : Math.floor(ms / 1000);
}

export function statsLines(server: EngineServerControl): readonly string[] {
  const { statistics, engine } = server.parts;
  const { traffic } = engine.process;
  return [
    `total_connections_received:${statistics.connectionCount}`,
    `total_commands_processed:${statistics.commandCount}`,
    `instantaneous_ops_per_sec:${statistics.commandsPerSecond}`,
    `total_net_input_bytes:${traffic.inputBytes}`,
    `total_net_output_bytes:${traffic.outputBytes}`,
    `rejected_connections:${traffic.rejectedConnectionCount}`,
    "sync_full:0",
    "sync_partial_ok:0",
    "sync_partial_err:0",
    `expired_keys:${statistics.expiredKeys}`,
    `expired_subkeys:${statistics.expiredFields}`,
    `expired_stale_perc:${statistics.staleExpiredPercent.toFixed(2)}`,
    `expired_time_cap_reached_count:${statistics.expiryTimeLimitCount}`,
    "evicted_keys:0",
    "evicted_clients:0",
    `keyspace_hits:${statistics.keyspaceHits}`,
    `keyspace_misses:${statistics.keyspaceMisses}`,
    "pubsub_channels:0",
    "pubsub_patterns:0",
    "pubsubshard_channels:0",
    "latest_fork_usec:0",
    "total_forks:0",
    "migrate_cached_sockets:0",
    "slave_expires_tracked_keys:0",
    "tracking_total_keys:0",
    "unexpected_error_replies:0",
    `total_error_replies:${statistics.errorReplyCount}`,
    "total_reads_processed:0",
    "total_writes_processed:0",
    "reply_buffer_shrinks:0",
    "reply_buffer_expands:0",
    `client_query_buffer_limit_disconnections:${traffic.queryLimitDisconnectionCount}`,
    `client_output_buffer_limit_disconnections:${traffic.outputLimitDisconnectionCount}`,
  ];
}
