import { expect, test } from "vitest";
import { fileNameForServer } from "./file-name.ts";

const characters = (name: string) => [...name].length;

test.each([
  "IMG_0001.JPG",
  "صورة من العرس.jpg",
  "写真 📷.heic",
  `quote"'<b>&amp;.jpg`,
  "\u202Egpj.exe.jpg",
  "new\nline.jpg",
  "noextension",
  ".hidden",
])("%j goes as it is", (name) => {
  expect(fileNameForServer(name)).toBe(name);
});

test("255 characters go as they are, counted as people count them", () => {
  const name = `${"📷".repeat(251)}.jpg`;
  expect(fileNameForServer(name)).toBe(name);
});

test("a longer name loses the end of its stem and keeps its extension", () => {
  const short = fileNameForServer(`${"a".repeat(300)}.jpeg`);
  expect(characters(short)).toBe(255);
  expect(short.endsWith("aaa.jpeg")).toBe(true);
});

test("what only looks like an extension may be cut", () => {
  const short = fileNameForServer(`a.${"b".repeat(300)}`);
  expect(characters(short)).toBe(255);
});

test("a name that JSON could not carry is mended, so that the batch survives it", () => {
  expect(fileNameForServer("a\uD800b.jpg")).toBe("a\uFFFDb.jpg");
  expect(fileNameForServer("a\0b.jpg")).toBe("a\uFFFDb.jpg");
});

test("no name becomes one", () => {
  expect(fileNameForServer("")).toBe("photo");
});
