/**
 * `Workers`: the door to threads. A worker runs one entry file, and both sides post messages that
 * arrive in order. A worker that ends without having been asked is a failure, and is reported once:
 * whoever started it decides what that means (the vector engine: fatal).
 */
import { availableParallelism } from "node:os";
import { parentPort, Worker, workerData } from "node:worker_threads";

export interface WorkerHandle {
  post(message: unknown): void;
  /** Resolves once the thread is gone; the failure handler is not called. */
  terminate(): Promise<void>;
}

export interface WorkerHandlers {
  onMessage(message: unknown): void;
  /** The thread is gone, or threw. */
  onFailure(failure: Error): void;
}

export interface Workers {
  readonly coreCount: number;
  start(entry: URL, name: string, data: unknown, handlers: WorkerHandlers): WorkerHandle;
}

/** What a thread says first, once everything that it imports is loaded. */
const LOADED = "loaded";

export const systemWorkers: Workers = {
  coreCount: availableParallelism(),
  start(entry, name, data, handlers) {
    const worker = new Worker(entry, { workerData: data, name });
    let isEnded = false;
    const fail = (failure: Error) => {
      if (isEnded) return;
      isEnded = true;
      handlers.onFailure(failure);
    };
    let settled = (): void => undefined;
    const loadedOrEnded = new Promise<void>((resolve) => {
      settled = resolve;
    });
    worker.on("message", (message) => {
      if (message === LOADED) settled();
      else if (!isEnded) handlers.onMessage(message);
    });
    worker.on("error", (failure) => {
      fail(failure instanceof Error ? failure : new Error(String(failure)));
    });
    worker.on("messageerror", fail);
    worker.on("exit", () => settled());
    worker.on("exit", (code) => fail(new Error(`thread ${name} ended with code ${code}`)));
    return {
      post: (message) => worker.postMessage(message),
      async terminate() {
        isEnded = true;
        // A thread cut off while it loads a native library can take the process with it.
        await loadedOrEnded;
        await worker.terminate();
      },
    };
  },
};

/** The worker's own side: its data, its messages, and work between messages. */
export interface WorkerSide {
  readonly data: unknown;
  post(message: unknown): void;
  onMessage(handler: (message: unknown) => void): void;
  /** Runs after the messages that are waiting were handled. */
  soon(run: () => void): void;
}

export function thisWorker(): WorkerSide {
  const port = parentPort;
  if (port === null) throw new Error("this file runs as a worker only");
  port.postMessage(LOADED);
  return {
    data: workerData,
    post: (message) => port.postMessage(message),
    onMessage(handler) {
      port.on("message", handler);
    },
    soon(run) {
      setImmediate(run);
    },
  };
}
