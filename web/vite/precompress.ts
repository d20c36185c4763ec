import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

const TEXT_LIKE = /\.(js|css|html|svg|json|wasm|webmanifest|txt)$/;
/** Below this a compressed copy saves less than the response headers weigh. */
const MIN_BYTES = 1024;

/** Writes `.br` and `.gz` siblings of everything compressible, and prints what a guest downloads before the first pick. */
export function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    writeBundle(options, bundle) {
      const dir = options.dir ?? "dist";
      const files = Object.keys(bundle).filter((name) => TEXT_LIKE.test(name));
      for (const name of files) writeSiblings(join(dir, name));
      for (const page of files.filter((name) => name.endsWith(".html"))) {
        const weight = firstLoad(page, dir, bundle).reduce(
          (sum, name) => sum + brotli(join(dir, name)).length,
          0,
        );
        this.info(`${page}: ${weight} bytes (br) of HTML, CSS and JS until it is usable`);
      }
    },
  };
}

function writeSiblings(path: string): void {
  const bytes = readFileSync(path);
  // A page with a {{placeholder}} is filled in per request, so a compressed copy could never be sent.
  if (bytes.length < MIN_BYTES || (path.endsWith(".html") && bytes.includes("{{"))) return;
  writeFileSync(`${path}.br`, brotli(path));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

function brotli(path: string): Buffer {
  return brotliCompressSync(readFileSync(path), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

/** The page itself, what its tags name, and what those scripts import statically. */
function firstLoad(page: string, dir: string, bundle: Rolldown.OutputBundle): string[] {
  const html = readFileSync(join(dir, page), "utf8");
  const seen = new Set([page]);
  const queue = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1] ?? "");
  for (const name of queue) {
    const file = bundle[name];
    if (seen.has(name) || !TEXT_LIKE.test(name) || file === undefined) continue;
    seen.add(name);
    if (file.type === "chunk") queue.push(...file.imports);
  }
  return [...seen];
}
