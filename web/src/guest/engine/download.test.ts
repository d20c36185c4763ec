import { beforeEach, expect, test } from "vitest";
import { download, Missing } from "./download.ts";
import { failureOf } from "./failure.ts";
import { ManualClock } from "./testing/manual-clock.ts";

const wasm = { "content-type": "application/wasm" };
let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

const downloading = (answer: (signal: AbortSignal) => Response | Promise<Response>) =>
  download("/assets/a.wasm", "application/wasm", {
    clock,
    fetch: async (_, init) => answer(init?.signal as AbortSignal),
  });

/** A body of these pieces, one every twenty seconds, that then ends or stands still. */
function slowly(pieces: number, signal: AbortSignal, then: "ends" | "stalls"): ReadableStream {
  return new ReadableStream({
    start(controller) {
      signal.addEventListener("abort", () => controller.error(signal.reason));
      for (let piece = 1; piece <= pieces; piece += 1) {
        clock.after(20_000 * piece, () => controller.enqueue(new Uint8Array([piece])));
      }
      if (then === "ends") clock.after(20_000 * pieces, () => controller.close());
    },
  });
}

test("a slow download comes whole", async () => {
  const coming = downloading((signal) => new Response(slowly(4, signal, "ends"), { headers: wasm }));
  await clock.advance(100_000);
  expect(new Uint8Array(await coming)).toEqual(new Uint8Array([1, 2, 3, 4]));
});

test.each([
  [
    "a download that stands still",
    (signal: AbortSignal) => new Response(slowly(1, signal, "stalls"), { headers: wasm }),
  ],
  [
    "a server that never answers",
    (signal: AbortSignal) =>
      new Promise<Response>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  ],
  ["a network that is down", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["the login page of a network", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
  ["a server in trouble", () => new Response("", { status: 503, headers: wasm })],
])("%s is worth another try", async (_, answer) => {
  const failure = downloading(answer).catch(failureOf);
  await clock.advance(60_000);
  expect(await failure).toEqual({ kind: "transient" });
});

test("a file that is gone is told apart", async () => {
  const cause = await downloading(() => new Response("", { status: 404 })).catch((thrown: unknown) => thrown);
  expect(cause).toBeInstanceOf(Missing);
  expect(failureOf(cause)).toEqual({ kind: "transient" });
});
