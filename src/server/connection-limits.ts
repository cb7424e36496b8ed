/**
 * The limits on one connection, from `base/limits.ts` and, where they may be set, the
 * configuration.
 */
import { limits } from "../base/limits.ts";
import type { ConfigurationAccess } from "../commands/server-control.ts";

export class ConnectionLimits {
  bulkBytesMax: number;
  queryBytesMax: number;
  connectionsMax: number;
  idleTimeoutMs: number;
  keepAliveMs: number;

  constructor(configuration: ConfigurationAccess) {
    this.bulkBytesMax = 0;
    this.queryBytesMax = 0;
    this.connectionsMax = 0;
    this.idleTimeoutMs = 0;
    this.keepAliveMs = 0;
    this.refresh(configuration);
  }

  /** After CONFIG SET. */
  refresh(configuration: ConfigurationAccess): void {
    const configuredBytesMax = configuration.number("proto-max-bulk-len");
    this.bulkBytesMax = Math.min(configuredBytesMax, limits.argumentBytesMax);
    this.queryBytesMax = configuration.number("client-query-buffer-limit");
    this.connectionsMax = configuration.number("maxclients");
    this.idleTimeoutMs = configuration.number("timeout") * 1000;
    this.keepAliveMs = configuration.number("tcp-keepalive") * 1000;
  }

  outputBytesMax(isAuthenticated: boolean): number {
    return isAuthenticated
      ? limits.outputBufferBytesMax
      : limits.unauthenticatedOutputBufferBytesMax;
  }
}
