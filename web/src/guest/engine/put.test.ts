import { beforeEach, expect, test } from "vitest";
import type { Policy } from "../../shared/api.ts";
import { Patience } from "./patience.ts";
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
let patience: Patience;
let request: Request;
let sent: number[];
let answer: PutAnswer | undefined;
let stop: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  patience = new Patience();
  request = new Request();
  sent = [];
  answer = undefined;
  stop = new AbortController();
  start(new Blob(["photo"]));
});

function start(file: Blob): void {
  void put(policy, file, {
    clock,
    patience,
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

/** Sends a photo whose bytes leave at once; answers when it is cut. */
async function cutAfter(sizeBytes: number): Promise<number> {
  request = new Request();
  start(new Blob([new Uint8Array(sizeBytes)]));
  request.upload.onload?.();
  const startedAt = clock.now();
  await clock.until(() => request.aborted);
  return (clock.now() - startedAt) / 1000;
}

async function answerAfter(ms: number, sizeBytes: number): Promise<void> {
  request = new Request();
  start(new Blob([new Uint8Array(sizeBytes)]));
  request.upload.onload?.();
  await clock.advance(ms);
  request.answer(200, "");
}

test("a photo whose bytes have left is waited for no longer than others lead to expect", async () => {
  for (let photo = 0; photo < 20; photo += 1) await answerAfter(500, 5_000_000);
  expect(await cutAfter(5_000_000)).toBeLessThan(40);
  expect(answer).toEqual({ status: 0, body: "", stalled: true });
});

test("a photo is waited for as long as a slow line may still be carrying it", async () => {
  for (let photo = 0; photo < 20; photo += 1) await answerAfter(10_000, 250_000);
  expect(await cutAfter(4_000_000)).toBeGreaterThan(200);
});

test("after a wait in vain, the next one is longer", async () => {
  const first = await cutAfter(4_000_000);
  expect(await cutAfter(4_000_000)).toBeGreaterThan(2 * first);
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
