/**
 * What the server counts of its connections, for INFO and the metrics.
 */
export class TrafficCounters {
  inputBytes = 0;
  outputBytes = 0;
  rejectedConnectionCount = 0;
  outputLimitDisconnectionCount = 0;
  queryLimitDisconnectionCount = 0;
  idleDisconnectionCount = 0;
  protocolErrorCount = 0;
}
