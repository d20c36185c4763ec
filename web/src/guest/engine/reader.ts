import init, { read, sniff, Sha256 } from "../../../wasm/metadata.js";
import wasmUrl from "../../../wasm/metadata_bg.wasm?url";
import type { Clock } from "./clock.ts";
import { download, Missing } from "./download.ts";

/** What a photo says about itself. */
export interface Reading {
  metadata: Record<string, unknown>;
  /** The bytes ended before the metadata did: the whole file would tell more. */
  incomplete: boolean;
}

/** Takes bytes one piece at a time; `finish` answers 64 hex digits. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  finish(): string;
}

/** Recognises and reads photos. */
export interface Reader {
  /** The MIME type by the first bytes, or undefined where these begin no photo. */
  sniff(head: Uint8Array, file: File): string | undefined;
  read(bytes: Uint8Array): Reading | undefined;
  hasher(): Hasher | undefined;
}

/** A page older than the server's deployment asks in vain for its module; after this many times it goes without. */
const MOST_MISSING = 3;

/** The WASM module, fetched when the first file is picked. Throws a transient failure while it cannot be fetched. */
export function readerLoader(parts: { fetch: typeof fetch; clock: Clock }): () => Promise<Reader> {
  let loading: Promise<Reader> | undefined;
  let missing = 0;
  async function load(): Promise<Reader> {
    if (typeof WebAssembly === "undefined") return plainReader;
    try {
      return await instantiated(await download(wasmUrl, "application/wasm", parts));
    } catch (cause) {
      if (cause instanceof Missing && (missing += 1) >= MOST_MISSING) return plainReader;
      loading = undefined;
      throw cause;
    }
  }
  return () => (loading ??= load());
}

/** A browser that cannot run the module never will. */
async function instantiated(module: ArrayBuffer): Promise<Reader> {
  return init({ module_or_path: module }).then(
    () => wasmReader,
    () => plainReader,
  );
}

const wasmReader: Reader = {
  sniff: (head) => sniff(head),
  read(bytes) {
    try {
      return JSON.parse(read(bytes)) as Reading;
    } catch {
      // A photo that trips the reader is still a photo; the server reads it again.
      return undefined;
    }
  },
  hasher: () => new Sha256(),
};

/** For browsers without (this) WebAssembly: the photo goes anyway, and the server finds out what it is. */
const plainReader: Reader = {
  // Many browsers name no type for HEIC and the like.
  sniff: (_head, file) => (file.type === "" || file.type.startsWith("image/") ? file.type : undefined),
  read: () => undefined,
  hasher: () => undefined,
};
