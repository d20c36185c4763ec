import { expect, test } from "vitest";
import { filesOfDrop, isClutter, walk } from "./entries.ts";

/** Chromium hands out the children of a folder a hundred at a time. */
const PORTION = 100;

function file(path: string, readable = true): FileSystemEntry {
  const name = path.split("/").at(-1) ?? "";
  return {
    name,
    fullPath: path,
    isFile: true,
    isDirectory: false,
    file: (resolve: (file: File) => void, reject: () => void) =>
      readable ? resolve(new File(["x"], name)) : reject(),
  } as unknown as FileSystemEntry;
}

function folder(path: string, children: FileSystemEntry[], readable = true): FileSystemEntry {
  const createReader = () => {
    const left = [...children];
    return {
      readEntries: (resolve: (portion: FileSystemEntry[]) => void, reject: () => void) =>
        readable ? resolve(left.splice(0, PORTION)) : reject(),
    };
  };
  const name = path.split("/").at(-1);
  return {
    name,
    fullPath: path,
    isFile: false,
    isDirectory: true,
    createReader,
  } as unknown as FileSystemEntry;
}

const paths = async (...entries: FileSystemEntry[]) => (await walk(entries)).found.map(({ path }) => path);

test("folders are walked to the bottom, in order", async () => {
  const tree = folder("/a", [file("/a/1.jpg"), folder("/a/b", [folder("/a/b/c", [file("/a/b/c/2.jpg")])])]);
  expect(await paths(file("/0.jpg"), tree, file("/9.jpg"))).toEqual([
    "/0.jpg",
    "/a/1.jpg",
    "/a/b/c/2.jpg",
    "/9.jpg",
  ]);
});

test("a folder of thousands is read to its end", async () => {
  const children = Array.from({ length: 2345 }, (_, index) => file(`/a/${index}.jpg`));
  expect(await paths(folder("/a", children))).toHaveLength(2345);
});

test("what cannot be read is named, the rest comes", async () => {
  const locked = folder("/a/locked", [file("/a/locked/1.jpg")], false);
  const { found, unread } = await walk([
    folder("/a", [locked, file("/a/.DS_Store", false)]),
    file("/gone.jpg", false),
    file("/2.jpg"),
  ]);
  expect(found.map(({ path }) => path)).toEqual(["/2.jpg"]);
  expect(unread).toEqual([
    { kind: "folder", name: "locked", path: "/a/locked" },
    { kind: "file", name: "gone.jpg", path: "/gone.jpg" },
  ]);
});

test("a folder that breaks off gives what was read of it and is named", async () => {
  const portions = [[file("/a/1.jpg")]];
  const readEntries = (resolve: (portion: FileSystemEntry[]) => void, reject: () => void) => {
    const portion = portions.shift();
    if (portion) resolve(portion);
    else reject();
  };
  const broken = Object.assign(folder("/a", []), { createReader: () => ({ readEntries }) });
  const { found, unread } = await walk([broken]);
  expect(found.map(({ path }) => path)).toEqual(["/a/1.jpg"]);
  expect(unread).toEqual([{ kind: "folder", name: "a", path: "/a" }]);
});

test("the system's own files are left out of folders, not of a choice made by hand", async () => {
  const inside = ["/a/.DS_Store", "/a/._1.jpg", "/a/Thumbs.db", "/a/Desktop.ini", "/a/1.jpg"].map((path) =>
    file(path),
  );
  expect(await paths(folder("/a", inside), file("/.hidden.jpg"))).toEqual(["/a/1.jpg", "/.hidden.jpg"]);
  expect(isClutter("thumbs.jpg")).toBe(false);
});

test("a drop of files and folders is read by its entries, other things are left", async () => {
  const items = [
    { kind: "string", webkitGetAsEntry: () => null },
    { kind: "file", webkitGetAsEntry: () => folder("/a", [file("/a/1.jpg")]) },
  ];
  const { found } = await filesOfDrop({ items, files: [] } as unknown as DataTransfer);
  expect(found.map(({ path }) => path)).toEqual(["/a/1.jpg"]);
});

test("a drop without entries is read by its files", async () => {
  const files = [new File(["x"], "1.jpg")];
  const items = [{ kind: "file", webkitGetAsEntry: () => null }];
  const { found } = await filesOfDrop({ items, files } as unknown as DataTransfer);
  expect(found.map(({ path }) => path)).toEqual(["1.jpg"]);
});
