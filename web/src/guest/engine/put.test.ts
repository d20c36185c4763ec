import { beforeEach, expect, test } from "vitest";
import type { Policy } from "../../shared/api.ts";
import { put, type PutAnswer } from "./put.ts";
import { ManualClock } from "./testing/manual-clock.ts";

const policy: Policy = {
  key: "k",
  file_bucket_path: "",
  file_id: 1,
  filename: "1.jpg",
  url: "/bucket/incoming/1?signature=x",
  token: "",
  method: "PUT",
  headers: { "content-type": "image/jpeg", "x-amz-checksum-sha256": "AAAA" },
  expires_at: "",
};

/** The part of XMLHttpRequest that an upload uses, moved by the test. */
class Request {
  readonly upload: { onprogress?: (event: { loaded: number }) => void; onload?: () => void } = {};
  readonly headers: Record<string, string> = {};
  onloadend?: () => void;
  opened = "";
  status = 0;
  responseText = "";
  aborted = false;

  open(method: string, url: string): void {
    this.opened = `${method} ${url}`;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  send(): void {}

  abort(): void {
    this.aborted = true;
    this.onloadend?.();
  }

  progress(loaded: number): void {
    this.upload.onprogress?.({ loaded });
  }

  answer(status: number, body: string): void {
    this.status = status;
    this.responseText = body;
    this.onloadend?.();
  }
}

let clock: ManualClock;
let request: Request;
let sent: number[];
let answer: PutAnswer | undefined;
let stop: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  request = new Request();
  sent = [];
  answer = undefined;
  stop = new AbortController();
  start(new Blob(["photo"]));
});

function start(file: Blob): void {
  void put(policy, file, {
    clock,
    signal: stop.signal,
    onSent: (bytes) => sent.push(bytes),
    createRequest: () => request as unknown as XMLHttpRequest,
  }).then((result) => (answer = result));
}

test("the request is the one that was signed, and its progress and answer are told", async () => {
  expect(request.opened).toBe("PUT /bucket/incoming/1?signature=x");
  expect(request.headers).toEqual(policy.headers);
  request.progress(3);
  request.progress(5);
  request.answer(403, "<Error/>");
  await clock.advance(0);
  expect(sent).toEqual([3, 5]);
  expect(answer).toEqual({ status: 403, body: "<Error/>" });
});

test("a transfer that stands still for 20 seconds is cut", async () => {
  await clock.advance(15_000);
  request.progress(1);
  await clock.advance(19_000);
  expect(request.aborted).toBe(false);
  await clock.advance(1000);
  expect(request.aborted).toBe(true);
  expect(answer).toEqual({ status: 0, body: "", stalled: true });
});

test("a slow transfer that moves is never cut", async () => {
  for (let second = 0; second < 600; second += 20) {
    request.progress(second);
    await clock.advance(15_000);
  }
  expect(request.aborted).toBe(false);
});

test("once all is sent, storage has a minute to answer", async () => {
  request.progress(5);
  request.upload.onload?.();
  await clock.advance(59_000);
  expect(request.aborted).toBe(false);
  await clock.advance(1000);
  expect(request.aborted).toBe(true);
});

test("a large file's answer is waited for as long as a slow line may still be carrying it", async () => {
  request = new Request();
  start(new Blob([new Uint8Array(8_000_000)]));
  request.upload.onload?.();
  await clock.advance(2_059_000);
  expect(request.aborted).toBe(false);
  await clock.advance(1000);
  expect(request.aborted).toBe(true);
});

test("the end of the link ends the transfer", () => {
  stop.abort();
  expect(request.aborted).toBe(true);
});

test("nothing is watched any more after the answer", async () => {
  request.answer(200, "");
  await clock.advance(600_000);
  stop.abort();
  expect(request.aborted).toBe(false);
});
