// The browser's module reads every file of a folder as the native code does.
//
//   node crates/metadata-wasm/tests/same.mjs web/wasm FOLDER
//
// `web/wasm` is what wasm-bindgen wrote for the target "web"; the native side is the example `read_folder`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const HEAD_BYTES = 64 * 1024;
const PIECE_BYTES = 100_000;

const [packageFolder, photos] = process.argv.slice(2);
if (photos === undefined) throw new Error("usage: same.mjs PACKAGE_FOLDER PHOTO_FOLDER");

const wasm = await import(pathToFileURL(resolve(packageFolder, "metadata.js")));
await wasm.default({ module_or_path: readFileSync(join(packageFolder, "metadata_bg.wasm")) });

const native = JSON.parse(
  execFileSync("cargo", ["run", "--quiet", "--package", "metadata", "--example", "read_folder", "--", photos], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "inherit"],
  }),
);

for (const [path, expected] of Object.entries(native)) {
  const bytes = readFileSync(join(photos, path));
  const actual = {
    sniffed: wasm.sniff(bytes) ?? null,
    whole: JSON.parse(wasm.read(bytes)),
    head: JSON.parse(wasm.read(bytes.subarray(0, HEAD_BYTES))),
    sha256: sha256(bytes),
  };
  assert.deepEqual(actual, expected, path);
}
const count = Object.keys(native).length;
assert.ok(count > 0, `${photos} holds no file`);
console.log(`${count} files read alike`);

function sha256(bytes) {
  const hasher = new wasm.Sha256();
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) hasher.update(bytes.subarray(at, at + PIECE_BYTES));
  return hasher.finish();
}
