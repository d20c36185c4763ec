import { beforeEach, expect, test } from "vitest";
import { dropOlder, keepShell } from "./builds.ts";
import { FakeCache, FakeCaches } from "./testing/fake-caches.ts";

const older = { shell: ["/assets/guest-1.js", "/assets/worker-1.js", "/assets/theme-1.css"], others: [] };
const newer = {
  shell: ["/assets/guest-2.js", "/assets/worker-2.js", "/assets/theme-1.css"],
  others: ["/assets/de-2.js"],
};
const page = (script: string) =>
  new Response(`<link href="/assets/theme-1.css"><script src="/assets/${script}"></script>`);

let shell: FakeCache;
let pages: FakeCache;

beforeEach(async () => {
  const caches = new FakeCaches();
  [shell, pages] = [await caches.open("shell"), await caches.open("pages")];
  await keepShell(shell.cache, older);
  await shell.put("/assets/worker-1.js?policy", new Response());
  await shell.put("/assets/de-1.js", new Response());
  await pages.put("/api/upload/?access_token=a", page("guest-1.js"));
});

test("a new build is kept beside the old one, whose pages are still open", async () => {
  await keepShell(shell.cache, newer);
  expect(shell.paths).toEqual(expect.arrayContaining([...older.shell, ...newer.shell]));
  expect(pages.paths).toHaveLength(1);
});

test("once the old one is gone its files go, and the pages that load them", async () => {
  await keepShell(shell.cache, newer);
  await shell.put("/assets/worker-2.js?policy", new Response());
  await shell.put("/assets/de-2.js", new Response());
  await pages.put("/api/upload/?access_token=b", page("guest-2.js"));
  await dropOlder(shell.cache, pages.cache, newer);
  expect(shell.paths.sort()).toEqual(
    [...newer.shell, "/assets/de-2.js", "/assets/worker-2.js?policy"].sort(),
  );
  expect(pages.paths).toEqual(["/api/upload/?access_token=b"]);
});
