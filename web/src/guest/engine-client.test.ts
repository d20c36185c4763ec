import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EngineClient } from "./engine-client.ts";
import type { FromEngine, Report, ToEngine } from "./engine/messages.ts";

/** A worker that the test speaks for. */
class FakeWorker {
  static readonly all: FakeWorker[] = [];
  readonly heard: ToEngine[] = [];
  terminated = false;
  onmessage?: (event: { data: FromEngine }) => void;
  onerror?: () => void;

  constructor(readonly url: string) {
    FakeWorker.all.push(this);
  }

  postMessage(message: ToEngine): void {
    this.heard.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }

  say(message: FromEngine): void {
    this.onmessage?.({ data: message });
  }
}

const start = { type: "start", token: "token", maxFileBytes: 1, lastEvent: 0 } as const;
const goOn = { type: "pause", paused: false } as const;
const picked = (id: number) => ({ id, file: new File(["x"], `${id}.jpg`), sizeBytes: 1 });
const worker = (index: number) => FakeWorker.all[index] as FakeWorker;
const URL_OF_WORKER = "/assets/worker-1.js?policy";
let heard: FromEngine[];
let client: EngineClient;
let fetched: string[];
/** Of what is fetched. */
let status: number;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("Worker", FakeWorker);
  FakeWorker.all.length = 0;
  heard = [];
  fetched = [];
  status = 200;
  vi.stubGlobal("fetch", async (url: string) => {
    fetched.push(url);
    return new Response("", { status });
  });
  client = new EngineClient(URL_OF_WORKER, start, (message) => heard.push(message));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the worker is loaded with the first message and gets it once it is ready", () => {
  expect(FakeWorker.all).toHaveLength(0);
  const add: ToEngine = { type: "add", files: [picked(1)] };
  client.send(add);
  expect(worker(0).heard).toEqual([]);
  worker(0).say({ type: "ready" });
  client.wake();
  expect(worker(0).heard).toEqual([start, goOn, add, { type: "online" }]);
});

test("a worker that breaks down fails what is unfinished, and a retry goes to a new one", () => {
  const files = [picked(1), picked(2), picked(3), picked(4)];
  client.send({ type: "add", files });
  worker(0).say({ type: "ready" });
  worker(0).say({
    type: "reports",
    reports: [
      { id: 1, state: "saved" },
      { id: 2, state: "skipped", reason: { code: "empty" } },
      { id: 3, state: "uploading" },
    ],
  });
  worker(0).onerror?.();
  expect(worker(0).terminated).toBe(true);
  const reason = { code: "unexpected" };
  expect(heard).toContainEqual({
    type: "reports",
    reports: [
      { id: 3, state: "failed", reason },
      { id: 4, state: "failed", reason },
    ],
  });
  client.send({ type: "retry", ids: [3, 4] });
  worker(1).say({ type: "ready" });
  expect(worker(1).heard[3]).toEqual({ type: "add", files: files.slice(2) });
  client.send({ type: "retry", ids: [3] });
  expect(worker(1).heard.at(-1), "it has the file by now").toEqual({ type: "retry", ids: [3] });
});

test("a saved file that is refused after all can go again, whichever worker is there", () => {
  const files = [picked(1), picked(2)];
  client.send({ type: "add", files });
  worker(0).say({ type: "ready" });
  const reports = (...reports: Report[]) => worker(0).say({ type: "reports", reports });
  reports({ id: 1, state: "saved", check: "pending" }, { id: 2, state: "saved", check: "pending" });
  const passed = { id: 1, state: "saved", imageId: 7, check: "passed" } as const;
  reports(passed, { id: 2, state: "failed" });
  worker(0).onerror?.();
  client.send({ type: "retry", ids: [2] });
  worker(1).say({ type: "ready" });
  expect(worker(1).heard).toEqual([
    start,
    goOn,
    { type: "arrived", files: [{ ...picked(1), file: files[0]?.file, told: passed }] },
    { type: "add", files: files.slice(1) },
    { type: "retry", ids: [2] },
  ]);
});

test("a saved file can be taken back, whichever worker is there", () => {
  const file = picked(1);
  client.send({ type: "add", files: [file] });
  worker(0).say({ type: "ready" });
  const told: Report = { id: 1, state: "saved", imageId: 7, check: "passed" };
  worker(0).say({ type: "reports", reports: [told] });
  worker(0).onerror?.();
  client.send({ type: "cancel", ids: [1] });
  worker(1).say({ type: "ready" });
  const arrived: ToEngine = { type: "arrived", files: [{ ...file, told }] };
  expect(worker(1).heard).toEqual([start, goOn, arrived, { type: "cancel", ids: [1] }]);
  worker(1).say({ type: "reports", reports: [{ id: 1, state: "skipped", reason: { code: "cancelled" } }] });
  worker(1).onerror?.();
  client.send({ type: "retry", ids: [1] });
  worker(2).say({ type: "ready" });
  expect(
    worker(2).heard.map(({ type }) => type),
    "it is gone",
  ).toEqual(["start", "pause", "retry"]);
});

test("a worker that cannot be loaded is loaded again", () => {
  client.send({ type: "add", files: [picked(1)] });
  worker(0).onerror?.();
  expect(heard).toEqual([{ type: "connection", state: "unsteady" }]);
  vi.advanceTimersByTime(1000);
  worker(1).say({ type: "ready" });
  expect(heard.at(-1)).toEqual({ type: "connection", state: "steady" });
  expect(worker(1).heard.map(({ type }) => type)).toEqual(["start", "pause", "add"]);
});

test("a worker that can never be loaded ends in words, and a retry begins anew", () => {
  client.send({ type: "add", files: [picked(1)] });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    worker(attempt).onerror?.();
    vi.advanceTimersByTime(30_000);
  }
  expect(FakeWorker.all).toHaveLength(10);
  expect(heard).toContainEqual({
    type: "reports",
    reports: [{ id: 1, state: "failed", reason: { code: "not_loaded" } }],
  });
  client.send({ type: "retry", ids: [1] });
  worker(10).say({ type: "ready" });
  expect(worker(10).heard.map(({ type }) => type)).toEqual(["start", "pause", "add", "retry"]);
});

test("a worker that neither comes nor fails is loaded again", () => {
  client.send({ type: "add", files: [picked(1)] });
  vi.advanceTimersByTime(30_000);
  expect([worker(0).terminated, FakeWorker.all.length]).toEqual([true, 1]);
  vi.advanceTimersByTime(1000);
  worker(1).say({ type: "ready" });
  vi.advanceTimersByTime(60_000);
  expect([worker(1).terminated, FakeWorker.all.length]).toEqual([false, 2]);
});

test("the next load does not wait once there is a network again", () => {
  client.send({ type: "add", files: [picked(1)] });
  worker(0).onerror?.();
  client.wake();
  expect(FakeWorker.all).toHaveLength(2);
  client.wake();
  vi.advanceTimersByTime(20_000);
  expect(FakeWorker.all).toHaveLength(2);
});

test("a page whose worker the server has no more says so at once", async () => {
  status = 404;
  client.send({ type: "add", files: [picked(1)] });
  worker(0).onerror?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(fetched).toEqual([URL_OF_WORKER]);
  const reason = { code: "outdated" };
  expect(heard).toContainEqual({ type: "reports", reports: [{ id: 1, state: "failed", reason }] });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeWorker.all).toHaveLength(1);
});

test("the script is fetched ahead from where the worker is loaded", async () => {
  await client.fetchAhead();
  client.send({ type: "add", files: [picked(1)] });
  expect(fetched).toEqual([worker(0).url]);
});
