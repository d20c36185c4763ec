import { beforeEach, describe, expect, test } from "vitest";
import type { Walked } from "../guest/entries.ts";
import { receiveShared } from "../guest/installed.ts";
import { takeShared } from "./shares.ts";
import { FakeCaches } from "./testing/fake-caches.ts";

const LINK = "?access_token=a&x=1";
let caches: FakeCaches;
let now: number;
beforeEach(() => {
  caches = new FakeCaches();
  now = 1000;
});

/** Another app shares photos of these names; answers where the browser goes. */
async function share(names: string[], link = LINK): Promise<URL> {
  const body = new FormData();
  for (const name of names) body.append("photos", new File([name], name, { type: "image/jpeg" }));
  const request = new Request(`http://localhost/api/upload/${link}`, { method: "POST", body });
  const answer = await takeShared(request, { caches: caches.storage, now: (now += 1) });
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get("location") ?? "");
}

interface Opened {
  /** Everything shared has come. */
  isWhole: boolean;
  names: string[];
  address: string;
}

/** The page opens at an address. */
async function open({ hash, search }: { hash: string; search: string }, refuse?: Error): Promise<Opened> {
  const location = { hash, search, pathname: "/api/upload/" };
  const names: string[] = [];
  let address = `${search}${hash}`;
  const history = {
    replaceState: (_: unknown, __: string, to: string | URL | null) => void (address = String(to)),
  };
  const take = async ({ found }: Walked) => {
    if (refuse) throw refuse;
    names.push(...found.map(({ file }) => file.name));
    expect(await Promise.all(found.map(({ file }) => file.text()))).toEqual(names);
  };
  const isWhole = await receiveShared({ location, history, caches: caches.storage, take });
  return { isWhole, names, address };
}

const many = Array.from({ length: 12 }, (_, index) => `${index} ü/&?.jpg`);

describe("photos that another app shares", () => {
  test("come to the page in their order, once", async () => {
    const to = await share(many);
    expect(await open(to)).toEqual({ isWhole: true, names: many, address: `/api/upload/${LINK}` });
    expect(await open({ hash: "", search: LINK })).toMatchObject({ isWhole: true, names: [] });
  });

  test("come behind those that were shared before and not taken yet", async () => {
    await share(["b.jpg", "c.jpg"]);
    expect((await open(await share(["a.jpg"]))).names).toEqual(["b.jpg", "c.jpg", "a.jpg"]);
  });

  test("come only to the link that they were shared with", async () => {
    await share(["other.jpg"], "?access_token=b");
    expect((await open(await share(["a.jpg"]))).names).toEqual(["a.jpg"]);
    expect((await open({ hash: "", search: "?access_token=b" })).names).toEqual(["other.jpg"]);
  });

  test("stay where the page cannot take them, and come at its next load", async () => {
    const to = await share(["a.jpg"]);
    expect(await open(to, new Error("no"))).toMatchObject({ isWhole: false, address: `${LINK}#shared` });
    expect(await open({ hash: "", search: LINK })).toMatchObject({ isWhole: true, names: ["a.jpg"] });
  });

  test("are missed where the phone is full, and what came before stays", async () => {
    await share(["a.jpg"]);
    caches.isFull = true;
    const to = await share(["b.jpg"]);
    expect(await open(to)).toEqual({ isWhole: false, names: ["a.jpg"], address: `/api/upload/${LINK}` });
  });

  test("are missed where nothing was kept of them", async () => {
    expect((await open({ hash: "#shared", search: LINK })).isWhole).toBe(false);
    caches.isClosed = true;
    expect((await open({ hash: "#shared", search: LINK })).isWhole).toBe(false);
  });
});

test("a page that nobody shared anything with is not concerned, wherever it runs", async () => {
  caches.isClosed = true;
  expect((await open({ hash: "", search: LINK })).isWhole).toBe(true);
  const location = { hash: "", search: LINK, pathname: "/" };
  const history = { replaceState: () => {} };
  const take = async () => {};
  expect(await receiveShared({ location, history, caches: undefined, take })).toBe(true);
});
