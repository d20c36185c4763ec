import { expect, it } from "vitest";
import type { Page } from "./owner-api.ts";
import { PagedList } from "./paged-list.svelte.ts";

interface Item {
  id: number;
  name?: string;
}

/** A list whose pages are these; each may be asked for several times. */
function listOf(pages: Record<string, () => Page<Item> | Promise<Page<Item>>>) {
  const asked: string[] = [];
  const list = new PagedList<Item>("/1", (path) => {
    asked.push(path);
    return Promise.resolve().then(() => pages[path]?.() ?? { items: [] });
  });
  return { list, asked };
}

const idsOf = (list: PagedList<Item>) => list.items.map(({ id }) => id);

it("grows page by page until there is no more", async () => {
  const { list, asked } = listOf({
    "/1": () => ({ items: [{ id: 1 }, { id: 2 }], next: "/2" }),
    "/2": () => ({ items: [{ id: 3 }] }),
  });
  await list.more();
  expect(idsOf(list)).toEqual([1, 2]);
  expect(list.hasMore).toBe(true);
  await list.more();
  await list.more();
  expect(idsOf(list)).toEqual([1, 2, 3]);
  expect(list.hasMore).toBe(false);
  expect(asked).toEqual(["/1", "/2"]);
});

it("asks once, however often the button is pressed", async () => {
  const { list, asked } = listOf({ "/1": () => ({ items: [{ id: 1 }], next: "/2" }) });
  await Promise.all([list.more(), list.more()]);
  expect(asked).toEqual(["/1"]);
});

it("shows an item once that moved between two requests, as it is now", async () => {
  const { list } = listOf({
    "/1": () => ({ items: [{ id: 1, name: "old" }], next: "/2" }),
    "/2": () => ({ items: [{ id: 1, name: "new" }, { id: 2 }] }),
  });
  await list.more();
  await list.more();
  expect(list.items).toEqual([{ id: 1, name: "new" }, { id: 2 }]);
});

it("keeps what it has when a page does not come, and gets that page later", async () => {
  let broken = true;
  const { list } = listOf({
    "/1": () => ({ items: [{ id: 1 }], next: "/2" }),
    "/2": () => {
      if (broken) throw new Error("no network");
      return { items: [{ id: 2 }] };
    },
  });
  await list.more();
  await list.more();
  expect(idsOf(list)).toEqual([1]);
  expect(list.trouble).toBe("no network");
  broken = false;
  await list.more();
  expect(idsOf(list)).toEqual([1, 2]);
  expect(list.trouble).toBeUndefined();
});

it("shows a newer copy of an item in its place, and no more what is gone", async () => {
  const { list } = listOf({ "/1": () => ({ items: [{ id: 1 }, { id: 2 }, { id: 3 }] }) });
  await list.more();
  list.replace({ id: 2, name: "new" });
  list.replace({ id: 9 });
  list.remove(3);
  expect(list.items).toEqual([{ id: 1 }, { id: 2, name: "new" }]);
});

it("begins anew when it is refreshed", async () => {
  let newest = 1;
  const { list } = listOf({ "/1": () => ({ items: [{ id: newest }] }) });
  await list.more();
  newest = 2;
  await list.refresh();
  expect(idsOf(list)).toEqual([2]);
});
