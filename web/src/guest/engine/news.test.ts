import { beforeEach, expect, test } from "vitest";
import { News } from "./news.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import type { Verdict } from "./verdict.ts";

const ready = (image: number) => ({ image, state: "ready", rejection: null, warnings: ["cut_off"] });

/** One connection to the server's events, which the test writes itself. */
class Stream {
  readonly lastEventId: string;
  readonly isCut: () => boolean;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      this.controller = controller;
    },
  });

  constructor({ headers, signal }: RequestInit) {
    this.lastEventId = new Headers(headers).get("last-event-id") ?? "";
    this.isCut = () => signal?.aborted ?? false;
    signal?.addEventListener("abort", () => this.controller?.error(new DOMException("cut", "AbortError")));
  }

  write(text: string): void {
    this.controller?.enqueue(new TextEncoder().encode(text));
  }

  event(event: string, id: number, data: unknown): void {
    this.write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.controller?.close();
  }
}

let clock: ManualClock;
let streams: Stream[];
let status: number;
let heard: [number, Verdict][];
let ended: number;
let stop: AbortController;
let news: News;

const listener = {
  heard: (imageId: number, verdict: Verdict) => heard.push([imageId, verdict]),
  ended: () => {
    ended += 1;
  },
};

beforeEach(() => {
  clock = new ManualClock();
  [streams, heard, status, ended] = [[], [], 200, 0];
  stop = new AbortController();
  const fetch = (_: RequestInfo | URL, init?: RequestInit) => {
    const stream = new Stream(init ?? {});
    streams.push(stream);
    return Promise.resolve(new Response(stream.body, { status }));
  };
  news = new News({ fetch, token: "token", clock, random: () => 1, signal: stop.signal, after: 7 });
});

async function open(): Promise<Stream> {
  news.open(listener);
  await clock.advance(0);
  return streams.at(-1) as Stream;
}

test("what the server tells of a photo is heard, however it is cut into pieces", async () => {
  const stream = await open();
  expect([stream.lastEventId, news.isOpen]).toEqual(["7", false]);
  stream.event("begin", 7, {});
  await clock.advance(0);
  expect(news.isOpen).toBe(true);
  stream.write("event: image\nid: 8\nda");
  stream.write(
    `ta: ${JSON.stringify(ready(1))}\n\n:\n\nevent: image\nid: 9\ndata: {"image":2,"state":"uploaded"}\n\n`,
  );
  const rejection = { code: "not_an_image", message: "no photo" };
  stream.event("image", 10, { image: 3, state: "rejected", rejection, warnings: [] });
  stream.event("image", 11, { image: 4, state: "deleted", rejection: null, warnings: [] });
  await clock.advance(0);
  expect(heard).toEqual([
    [1, { is: "passed", warnings: ["cut_off"] }],
    [3, { is: "rejected", reason: { code: "rejected", message: "no photo", rejection: "not_an_image" } }],
    [4, { is: "unknowable" }],
  ]);
});

test("after a break it goes on from what it heard last, and not at once", async () => {
  const stream = await open();
  stream.event("begin", 7, {});
  stream.event("image", 12, ready(1));
  await clock.advance(0);
  stream.end();
  await clock.advance(0);
  expect([ended, news.isOpen]).toEqual([1, false]);
  news.open(listener);
  expect(streams).toHaveLength(1);
  await clock.advance(60_000);
  expect((await open()).lastEventId).toBe("12");
});

test("closed by its listener, it is open again whenever that wants", async () => {
  const stream = await open();
  stream.event("begin", 7, {});
  await clock.advance(0);
  news.close();
  await clock.advance(0);
  expect([stream.isCut(), news.isOpen, ended]).toEqual([true, false, 0]);
  await open();
  expect(streams).toHaveLength(2);
});

test.each([
  ["has no such thing", 404],
  ["has no stream left", 503],
])("a server that %s is asked more and more seldom", async (_, refusal) => {
  status = refusal;
  const asked: number[] = [];
  for (let second = 0; second < 300; second += 1) {
    const before = streams.length;
    await open();
    if (streams.length > before) asked.push(second);
    await clock.advance(1000);
  }
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.length).toBeLessThan(20);
  expect(ended).toBe(asked.length);
});

test("a stream that says nothing any more is cut", async () => {
  const stream = await open();
  stream.event("begin", 7, {});
  await clock.advance(30_000);
  stream.write(":\n\n");
  await clock.advance(30_000);
  expect(stream.isCut()).toBe(false);
  await clock.advance(30_000);
  expect([stream.isCut(), ended]).toEqual([true, 1]);
});

test("once the link has ended nobody listens", async () => {
  const stream = await open();
  stop.abort();
  await clock.advance(0);
  expect(stream.isCut()).toBe(true);
  news.open(listener);
  await clock.advance(60_000);
  expect(streams).toHaveLength(1);
});
