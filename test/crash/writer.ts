/**
 * A writer process: several connections, each with one operation under way. Its notebook gets the
 * intent before anything is sent and the acknowledgement after the reply, both written at once, so
 * that it knows more than the server may forget. It ends when the server is gone.
 *
 *   node writer.ts PORT NOTEBOOK SEED FIRST_CONNECTION CONNECTIONS
 */
import { openSync, writeSync } from "node:fs";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { chooseOperation, commandsOf } from "./operations.ts";
import { RespClient } from "./resp-client.ts";

const [port, notebookPath, seed, first, count] = process.argv.slice(2);
const notebook = openSync(notebookPath, "a");

function note(line: object): void {
  writeSync(notebook, `${JSON.stringify(line)}\n`);
}

async function write(connection: number): Promise<void> {
  const random = seededRandom(Number(seed) * 1000 + connection);
  const client = await RespClient.open(Number(port));
  for (let number = 0; ; number += 1) {
    const operation = chooseOperation(random, connection, Number(seed) * 1_000_000 + number);
    note({ intent: operation, connection });
    const replies = await Promise.all(
      commandsOf(operation).map((command) => client.send(...command)),
    );
    const refused = replies.find((reply) => reply instanceof Error);
    if (refused instanceof Error) {
      note({ refused: refused.message, connection });
      return;
    }
    note({ acknowledged: true, connection });
  }
}

const connections = Array.from({ length: Number(count) }, (_, index) => Number(first) + index);
process.stdout.write("writing\n");
await Promise.allSettled(connections.map(write));
