/**
 * Versions that the server tells of itself.
 */

export const LODESTONE_VERSION = "0.1.0";

/** The Redis whose commands and replies are spoken; clients decide by it what they may send. */
export const REDIS_VERSION = "7.2.4";
