/**
 * The demo's client: node-redis as an application has it, and one way to read bytes back.
 */
import { createClient, RESP_TYPES } from "redis";

export type Argument = string | Buffer;

export class DemoClient {
  readonly #client: ReturnType<typeof connectTo>;
  readonly #bytes: ReturnType<typeof withBytes>;

  private constructor(client: ReturnType<typeof connectTo>) {
    this.#client = client;
    this.#bytes = withBytes(client);
  }

  static async open(port: number): Promise<DemoClient> {
    const client = connectTo(port);
    // A killed server is part of the demo: commands reject, and that is where it is handled.
    client.on("error", () => {});
    await client.connect();
    return new DemoClient(client);
  }

  sendCommand(args: readonly Argument[]): Promise<unknown> {
    return this.#client.sendCommand([...args]);
  }

  /** Values as the bytes that are stored. */
  async hmGetBytes(key: string, fields: readonly string[]): Promise<(Buffer | null)[]> {
    const values: unknown = await this.#bytes.sendCommand(["HMGET", key, ...fields]);
    if (!Array.isArray(values)) throw new Error("HMGET answered no array");
    return values.map((value: unknown) => (Buffer.isBuffer(value) ? value : null));
  }

  close(): void {
    this.#client.destroy();
  }
}

function connectTo(port: number) {
  return createClient({
    RESP: 2,
    socket: { host: "127.0.0.1", port, reconnectStrategy: false },
  });
}

function withBytes(client: ReturnType<typeof connectTo>) {
  return client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}
