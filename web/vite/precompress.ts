import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { firstLoad, GUEST_BUDGET_BYTES } from "./budget.ts";

const GUEST_PAGE = "guest.html";
const TEXT_LIKE = /\.(js|css|html|svg|json|wasm|webmanifest|txt)$/;
/** Below this a compressed copy saves less than the response headers weigh. */
const MIN_BYTES = 1024;

/** Writes `.br` and `.gz` siblings of everything compressible, and fails where a guest would wait for too much. */
export function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    writeBundle(options, bundle) {
      const dir = options.dir ?? "dist";
      const files = Object.keys(bundle).filter((name) => TEXT_LIKE.test(name));
      const sent = new Map(files.map((name) => [name, writeSiblings(join(dir, name))]));
      const html = readFileSync(join(dir, GUEST_PAGE), "utf8");
      const bytes = firstLoad(GUEST_PAGE, html, bundle, (name) => sent.get(name) ?? 0);
      const said = `${GUEST_PAGE}: ${bytes} of ${GUEST_BUDGET_BYTES} bytes until a file can be picked`;
      if (bytes > GUEST_BUDGET_BYTES) this.error(said);
      this.info(said);
    },
  };
}

/** Answers with how many bytes the file travels. */
function writeSiblings(path: string): number {
  const bytes = readFileSync(path);
  // A page with a {{placeholder}} is filled in per request, so a compressed copy could never be sent.
  if (bytes.length < MIN_BYTES || (path.endsWith(".html") && bytes.includes("{{"))) return bytes.length;
  const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(`${path}.br`, packed);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  return packed.length;
}
