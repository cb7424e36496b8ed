/**
 * An order book over node-redis: traders with connections of their own place orders at the same
 * time. Each WATCHes the book, reads the best offers of the other side, and matches and rests in
 * one MULTI, again until nobody was faster. In the middle the server is killed, and a trader
 * whose EXEC was not answered looks whether it happened.
 *
 * It fails if EXEC runs although the book changed after WATCH (an offer is matched twice, cash or
 * shares come out of nothing), if a MULTI comes back half after the crash, or if an answered
 * order is lost.
 */
import { createClient } from "redis";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { type Random, seededRandom } from "../support/command-grammar.ts";
import { startTestServer, type TestServer } from "../support/test-server.ts";

const TRADERS = 6;
const ORDERS_EACH = 80;
const CASH = 1_000_000;
const SHARES = 10_000;
/** Narrow, so that orders meet. */
const PRICES = 10;
const QUANTITIES = 20;

const seed = Number(process.env["LODESTONE_SEED"] ?? Date.now() % 2 ** 31);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

type Side = "bids" | "asks";
interface Order {
  readonly id: string;
  readonly trader: string;
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
}
interface Trade {
  readonly bid: string;
  readonly ask: string;
  readonly price: number;
  readonly quantity: number;
}

async function connect() {
  const client = createClient({
    socket: { host: "127.0.0.1", port: server.port, reconnectStrategy: false },
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}
type Client = Awaited<ReturnType<typeof connect>>;

const balance = (trader: string): string => `balance:${trader}`;
const orderKey = (id: string): string => `order:${id}`;
const isBid = ({ side }: Order): boolean => side === "bids";

async function readOrder(client: Client, id: string): Promise<Order> {
  const fields = await client.hGetAll(orderKey(id));
  return {
    id,
    trader: fields["trader"],
    side: fields["side"] as Side,
    price: Number(fields["price"]),
    quantity: Number(fields["quantity"]),
  };
}

/** The offers that the order meets, best first, until it is filled. */
async function offersFor(client: Client, order: Order): Promise<Order[]> {
  const ids = isBid(order)
    ? await client.zRange("asks", 0, QUANTITIES)
    : await client.zRange("bids", 0, QUANTITIES, { REV: true });
  const offers: Order[] = [];
  let left = order.quantity;
  for (const id of ids) {
    const offer = await readOrder(client, id);
    const isMet = isBid(order) ? offer.price <= order.price : offer.price >= order.price;
    if (!isMet || left <= 0) break;
    offers.push(offer);
    left -= offer.quantity;
  }
  return offers;
}

type Multi = ReturnType<Client["multi"]>;

/** What the order is backed by leaves its trader's balance. */
function reserve(multi: Multi, order: Order): void {
  if (isBid(order)) multi.hIncrBy(balance(order.trader), "cash", -order.price * order.quantity);
  else multi.hIncrBy(balance(order.trader), "shares", -order.quantity);
}

function rest(multi: Multi, order: Order, quantity: number): void {
  const { trader, side, price } = order;
  multi.hSet(orderKey(order.id), { trader, side, price, quantity });
  multi.zAdd(side, { score: price, value: order.id });
}

/** At the offer's price; what a bid paid too much comes back. */
function match(multi: Multi, order: Order, offer: Order, most: number): number {
  const quantity = Math.min(most, offer.quantity);
  const [bid, ask] = isBid(order) ? [order, offer] : [offer, order];
  multi.hIncrBy(balance(ask.trader), "cash", offer.price * quantity);
  multi.hIncrBy(balance(bid.trader), "cash", (bid.price - offer.price) * quantity);
  multi.hIncrBy(balance(bid.trader), "shares", quantity);
  const trade: Trade = { bid: bid.id, ask: ask.id, price: offer.price, quantity };
  multi.rPush("trades", JSON.stringify(trade));
  if (quantity === offer.quantity) {
    multi.zRem(offer.side, offer.id);
    multi.del(orderKey(offer.id));
  } else multi.hIncrBy(orderKey(offer.id), "quantity", -quantity);
  return quantity;
}

/** False if somebody was faster. */
async function tryToPlace(client: Client, order: Order): Promise<boolean> {
  // Every order that is matched or rests changes `placed`, so that one key stands for the book.
  await client.watch("placed");
  const offers = await offersFor(client, order);
  const multi = client.multi();
  reserve(multi, order);
  let left = order.quantity;
  for (const offer of offers) left -= match(multi, order, offer, left);
  if (left > 0) rest(multi, order, left);
  multi.sAdd("placed", order.id);
  try {
    await multi.exec();
    return true;
  } catch (failure) {
    if (/watched/i.test(String(failure))) return false;
    throw failure;
  }
}

interface Tally {
  collisionCount: number;
  lostConnectionCount: number;
}

async function trade(trader: number, orders: Order[], tally: Tally, random: Random): Promise<void> {
  let client = await connect();
  for (let number = 0; number < ORDERS_EACH; number += 1) {
    const order: Order = {
      id: `${trader}-${number}`,
      trader: `trader${trader}`,
      side: random() < 0.5 ? "bids" : "asks",
      price: 100 + Math.floor(random() * PRICES),
      quantity: 1 + Math.floor(random() * QUANTITIES),
    };
    orders.push(order);
    for (let isPlaced = false; !isPlaced; ) {
      try {
        isPlaced = await tryToPlace(client, order);
        if (!isPlaced) tally.collisionCount += 1;
      } catch {
        tally.lostConnectionCount += 1;
        client = await connectAgain(client);
        isPlaced = (await client.sIsMember("placed", order.id)) === 1;
      }
    }
  }
  client.destroy();
}

async function connectAgain(broken: Client): Promise<Client> {
  if (broken.isOpen) broken.destroy();
  for (;;) {
    try {
      const client = await connect();
      // While it recovers, the server answers LOADING.
      await client.sCard("placed");
      return client;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function readTrades(client: Client): Promise<Trade[]> {
  return (await client.lRange("trades", 0, -1)).map((text) => JSON.parse(text));
}

/** Everything that must hold whenever no EXEC is under way. */
async function check(client: Client, orders: readonly Order[]): Promise<void> {
  const trades = await readTrades(client);
  const open = new Map<string, Order>();
  for (const side of ["bids", "asks"] as const) {
    for (const { value, score } of await client.zRangeWithScores(side, 0, -1)) {
      const order = await readOrder(client, value);
      expect(order).toMatchObject({ side, price: score });
      open.set(value, order);
    }
  }
  let [cash, shares] = [0, 0];
  for (let trader = 0; trader < TRADERS; trader += 1) {
    const fields = await client.hGetAll(balance(`trader${trader}`));
    cash += Number(fields["cash"]);
    shares += Number(fields["shares"]);
  }
  for (const order of open.values()) {
    if (isBid(order)) cash += order.price * order.quantity;
    else shares += order.quantity;
  }
  expect({ cash, shares }).toEqual({ cash: TRADERS * CASH, shares: TRADERS * SHARES });
  for (const order of orders) {
    const filled = trades
      .filter(({ bid, ask }) => bid === order.id || ask === order.id)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    const left = open.get(order.id)?.quantity ?? 0;
    expect([order.id, filled + left]).toEqual([order.id, order.quantity]);
  }
  const prices = (side: Side) =>
    [...open.values()].filter((one) => one.side === side).map((one) => one.price);
  expect(Math.max(0, ...prices("bids"))).toBeLessThan(Math.min(1e9, ...prices("asks")));
  expect(await client.keys("order:*")).toHaveLength(open.size);
  expect(await client.sCard("placed")).toBe(orders.length);
}

test("an order book: nothing lost, nothing matched twice, money conserved", async () => {
  onTestFailed(() => console.error(`LODESTONE_SEED=${seed}`));
  const client = await connect();
  for (let trader = 0; trader < TRADERS; trader += 1) {
    await client.hSet(balance(`trader${trader}`), { cash: CASH, shares: SHARES });
  }
  client.destroy();
  const orders: Order[] = [];
  const tally: Tally = { collisionCount: 0, lostConnectionCount: 0 };
  const traders = Array.from({ length: TRADERS }, (_, trader) =>
    trade(trader, orders, tally, seededRandom(seed + trader)),
  );
  // Killed once half of the orders were begun.
  while (orders.length < (TRADERS * ORDERS_EACH) / 2) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await server.crash();
  await Promise.all(traders);
  const last = await connect();
  await check(last, orders);
  expect(orders).toHaveLength(TRADERS * ORDERS_EACH);
  expect((await readTrades(last)).length).toBeGreaterThan(ORDERS_EACH);
  last.destroy();
  await server.crash();
  const fresh = await connect();
  await check(fresh, orders);
  fresh.destroy();
  expect(tally.collisionCount).toBeGreaterThan(0);
  expect(tally.lostConnectionCount).toBeGreaterThan(0);
});
