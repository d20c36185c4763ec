import { beforeEach, expect, test } from "vitest";
import { Connection } from "./connection.ts";
import type { ConnectionState } from "./messages.ts";
import { ManualClock } from "./testing/manual-clock.ts";

let clock: ManualClock;
let told: ConnectionState[];
let connection: Connection;
beforeEach(() => {
  clock = new ManualClock();
  told = [];
  connection = new Connection(
    clock,
    () => 0.99,
    (state) => told.push(state),
  );
});

/** How long a promise takes on the clock of the test. */
async function durationOf(wait: Promise<void>): Promise<number> {
  const start = clock.now();
  let done = false;
  void wait.then(() => (done = true));
  await clock.until(() => done);
  return clock.now() - start;
}

test("a single failure is nothing to speak of; two in a row are, until something succeeds", () => {
  connection.failed();
  expect(told).toEqual([]);
  connection.failed();
  connection.failed();
  expect(told).toEqual(["unsteady"]);
  connection.succeeded();
  expect(told).toEqual(["unsteady", "steady"]);
});

test("a full storage is told from a bad connection", () => {
  connection.failed();
  connection.failed({ code: "storage_full" });
  connection.failed();
  expect(told).toEqual(["full", "unsteady"]);
});

test("a few failures hold nobody else up", async () => {
  for (let n = 0; n < 5; n += 1) connection.failed();
  expect(await durationOf(connection.ready())).toBe(0);
});

test("an outage holds everybody up, longer and longer, at most half a minute", async () => {
  for (let n = 0; n < 6; n += 1) connection.failed();
  for (const holdMs of [495, 990, 1980, 3960, 7920, 15_840, 29_700, 29_700]) {
    expect(await durationOf(connection.ready())).toBeCloseTo(holdMs);
    connection.failed();
  }
});

test("what was under way when an outage began fails of the same one", async () => {
  for (let n = 0; n < 30; n += 1) connection.failed();
  expect(await durationOf(connection.ready())).toBeCloseTo(495);
});

test("one success ends the outage", async () => {
  for (let n = 0; n < 20; n += 1) connection.failed();
  connection.succeeded();
  expect(await durationOf(connection.ready())).toBe(0);
});

test("a network that is back ends every wait", async () => {
  for (let n = 0; n < 20; n += 1) connection.failed();
  let waits = 2;
  void connection.ready().then(() => (waits -= 1));
  void connection.pause(20).then(() => (waits -= 1));
  await clock.advance(100);
  expect(waits).toBe(2);
  connection.wake();
  await clock.advance(0);
  expect(waits).toBe(0);
});

test("a server's wish to be left alone is respected, up to a minute", async () => {
  expect(await durationOf(connection.pause(1, 10_000))).toBe(10_000);
  expect(await durationOf(connection.pause(1, 3_600_000))).toBe(60_000);
});
