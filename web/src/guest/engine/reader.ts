import init, { read, sniff, Sha256 } from "../../../wasm/metadata.js";
import wasmUrl from "../../../wasm/metadata_bg.wasm?url";
import { UploadError } from "./failure.ts";

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

let loading: Promise<Reader> | undefined;

/** The WASM module, fetched when the first file is picked. Throws a transient failure while it cannot be fetched. */
export function loadReader(): Promise<Reader> {
  loading ??= load().catch((cause: unknown) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

async function load(): Promise<Reader> {
  if (typeof WebAssembly === "undefined") return plainReader;
  const response = await fetch(wasmUrl).catch(() => undefined);
  if (response === undefined || response.status >= 500) throw new UploadError({ kind: "transient" });
  try {
    await init({ module_or_path: response });
    return wasmReader;
  } catch (cause) {
    // The download broke off: worth another try. A browser that cannot run the module never will.
    if (
      !(cause instanceof WebAssembly.CompileError || cause instanceof WebAssembly.LinkError) &&
      response.ok
    ) {
      throw new UploadError({ kind: "transient" });
    }
    return plainReader;
  }
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
  sniff: (_head, file) => (file.type.startsWith("image/") ? file.type : undefined),
  read: () => undefined,
  hasher: () => undefined,
};
