/**
 * The log lines for people and machines: pino, one JSON object a line, and the only place that
 * knows pino. Written synchronously, so that the last words before a fatal exit are not lost.
 * Never give it a password, a value or an argument of AUTH.
 */
import { pino } from "pino";

export type LogLevel = "debug" | "verbose" | "notice" | "warning" | "nothing";

/** As pino has it: fields first. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
  /** Redis's names for levels, which CONFIG SET loglevel uses. */
  setLevel(level: LogLevel): void;
  /** The same log with these fields on every line. */
  child(fields: object): Logger;
}

const pinoLevels: Record<LogLevel, string> = {
  debug: "debug",
  verbose: "debug",
  notice: "info",
  warning: "warn",
  nothing: "silent",
};

function wrap(lines: pino.Logger): Logger {
  return {
    debug: (fields, message) => lines.debug(fields, message),
    info: (fields, message) => lines.info(fields, message),
    warn: (fields, message) => lines.warn(fields, message),
    error: (fields, message) => lines.error(fields, message),
    fatal: (fields, message) => lines.fatal(fields, message),
    setLevel: (level) => {
      lines.level = pinoLevels[level];
    },
    child: (fields) => wrap(lines.child(fields)),
  };
}

const STANDARD_ERROR = 2;
/** Lines that wait for a full disk, before newer ones are left out. */
const WAITING_BYTES_MAX = 1024 * 1024;

/**
 * Lines go to standard error, or to the file. Where they cannot be written (their disk is full)
 * they wait, and are written with a later one: a log line never ends the process.
 */
export function createLogger(level: LogLevel, file = ""): Logger {
  const destination = pino.destination({
    dest: file === "" ? STANDARD_ERROR : file,
    sync: true,
    mkdir: true,
    maxLength: WAITING_BYTES_MAX,
  });
  destination.on("error", () => undefined);
  const options = {
    base: null,
    level: pinoLevels[level],
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return wrap(pino(options, destination));
}

/** For tests: says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
  setLevel: () => undefined,
  child: () => silentLogger,
};
