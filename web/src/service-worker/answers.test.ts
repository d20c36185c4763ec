import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { asset, newestPage } from "./answers.ts";
import { Kept } from "./kept.ts";
import { FakeCaches, request } from "./testing/fake-caches.ts";

let caches: FakeCaches;
let network: () => Promise<Response>;
let later: Promise<unknown>[];

beforeEach(() => {
  caches = new FakeCaches();
  network = async () => new Response("new");
  later = [];
});
afterEach(() => void vi.useRealTimers());

const parts = () => ({
  kept: new Kept(caches.storage, "kept"),
  fetch: () => network(),
  later: (work: Promise<unknown>) => void later.push(work),
});
const keep = async (path: string) => (await caches.open("kept")).put(path, new Response("kept"));
const text = async (answer: Promise<Response>) => (await answer).text();
const kept = async () => (await caches.open("kept")).paths;
const page = () => newestPage(request("/api/upload/?access_token=a"), parts());
const worker = () => asset(request("/assets/worker-1.js?policy"), parts());
const offline = () => Promise.reject(new TypeError("Failed to fetch"));

describe.each([
  ["a page", page],
  ["an asset", worker],
])("%s", (_, answer) => {
  test("comes from the network and is kept", async () => {
    expect(await text(answer())).toBe("new");
    await Promise.all(later);
    expect(await kept()).toHaveLength(1);
    network = offline;
    expect(await text(answer())).toBe("new");
  });

  test.each(["isFull", "isClosed"] as const)("comes where the phone's cache %s", async (trouble) => {
    caches[trouble] = true;
    expect(await text(answer())).toBe("new");
    await Promise.all(later);
  });

  test("does not wait for being kept", async () => {
    vi.spyOn(Kept.prototype, "keep").mockReturnValueOnce(new Promise(() => {}));
    expect(await text(answer())).toBe("new");
  });

  test("fails as the network fails where nothing is kept", async () => {
    network = offline;
    await expect(answer()).rejects.toThrow("Failed to fetch");
  });
});

describe("an asset of another query", () => {
  test("is another one, as long as the network has it", async () => {
    await keep("/assets/worker-1.js");
    expect(await text(worker())).toBe("new");
  });

  test.each([
    ["the network does not", offline],
    ["the server does not any more", async () => new Response("none", { status: 404 })],
  ])("is better than none where %s", async (_, trouble) => {
    network = trouble;
    await keep("/assets/worker-1.js");
    expect(await text(worker())).toBe("kept");
  });

  test("is missing where it is not kept either", async () => {
    network = async () => new Response("none", { status: 404 });
    expect((await worker()).status).toBe(404);
  });
});

describe("a kept page", () => {
  beforeEach(() => keep("/api/upload/?access_token=a"));

  test.each([
    ["the network fails", offline],
    ["the server is at fault", async () => new Response("busy", { status: 503 })],
  ])("is shown where %s", async (_, trouble) => {
    network = trouble;
    expect(await text(page())).toBe("kept");
  });

  test("is shown where the network takes long, and renewed once it answers", async () => {
    vi.useFakeTimers();
    let answer = (_: Response) => {};
    network = () => new Promise((resolve) => (answer = resolve));
    const shown = text(page());
    await vi.advanceTimersByTimeAsync(4000);
    expect(await shown).toBe("kept");
    answer(new Response("newer"));
    await vi.advanceTimersByTimeAsync(0);
    await Promise.all(later);
    network = offline;
    expect(await text(page())).toBe("newer");
  });

  test("goes with its link", async () => {
    network = async () => new Response("ended", { status: 403 });
    expect(await text(page())).toBe("ended");
    await Promise.all(later);
    expect(await kept()).toEqual([]);
  });
});
