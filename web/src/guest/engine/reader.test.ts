import { readFile } from "node:fs/promises";
import { beforeEach, expect, test } from "vitest";
import { failureOf } from "./failure.ts";
import { readerLoader } from "./reader.ts";
import { ManualClock } from "./testing/manual-clock.ts";

const wasm = await readFile(new URL("../../../wasm/metadata_bg.wasm", import.meta.url));
const PNG = new Uint8Array([
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
]);
const module = () => new Response(wasm, { headers: { "content-type": "application/wasm" } });
const gone = () => new Response("", { status: 404 });
const portal = () => new Response("<html>", { headers: { "content-type": "text/html" } });

let answers: (() => Response)[];
let load: ReturnType<typeof readerLoader>;
beforeEach(() => {
  answers = [];
  load = readerLoader({ clock: new ManualClock(), fetch: async () => (answers.shift() ?? module)() });
});

const file = (name: string, type: string) => new File(["x"], name, { type });

test("the module comes after the login page of a network is gone, and recognises photos", async () => {
  answers = [portal, portal, portal, portal];
  while (answers.length > 0) expect(await load().catch(failureOf)).toEqual({ kind: "transient" });
  const reader = await load();
  expect(reader.sniff(PNG, file("a.txt", "text/plain"))).toBe("image/png");
  expect(reader.sniff(new Uint8Array([1]), file("a.png", "image/png"))).toBeUndefined();
  expect(await load()).toBe(reader);
});

test("without the module everything goes that may be a photo", async () => {
  answers = [gone, gone, gone];
  expect(await load().catch(failureOf)).toEqual({ kind: "transient" });
  expect(await load().catch(failureOf)).toEqual({ kind: "transient" });
  const reader = await load();
  expect(reader.sniff(PNG, file("a.png", "image/png"))).toBe("image/png");
  expect(reader.sniff(PNG, file("a.heic", ""))).toBe("");
  expect(reader.sniff(PNG, file("a.txt", "text/plain"))).toBeUndefined();
});
