import { UploadError } from "./failure.ts";
import type { Reason } from "./messages.ts";
import type { Hasher, Reader, Reading } from "./reader.ts";

/** What is known of a file before the first request about it. */
export interface Prepared {
  type: string;
  /** 64 hex digits. */
  sha256?: string;
  metadata?: Record<string, unknown>;
}

/** Enough for the type and, in most photos, for all of the metadata. */
const HEAD_BYTES = 256 * 1024;
/** Up to here a file is read at once, for crypto.subtle, which is the fastest hash but cannot stream. */
const WHOLE_BYTES = 32 * 1024 * 1024;
/** Up to here the whole file is worth reading for metadata that lies behind its head. */
const METADATA_BYTES = 64 * 1024 * 1024;

export interface PrepareParts {
  loadReader: () => Promise<Reader>;
  /** Absent on plain http in a local network. */
  subtle: SubtleCrypto | undefined;
  maxFileBytes: number;
}

/** Recognises, reads and hashes one file. Throws `UploadError` for what is no photo and for what cannot be read. */
export async function prepare(file: File, parts: PrepareParts): Promise<Prepared> {
  if (file.size === 0) skip({ code: "empty" });
  if (file.size > parts.maxFileBytes) skip({ code: "too_large", maxBytes: parts.maxFileBytes });
  const reader = await parts.loadReader();
  const { subtle } = parts;
  const first = await bytesOf(file, subtle && file.size <= WHOLE_BYTES ? file.size : HEAD_BYTES);
  const type = reader.sniff(first.subarray(0, HEAD_BYTES), file) ?? skip({ code: "not_a_photo" });
  const metadata = (await readMetadata(file, first, reader))?.metadata;
  const sha256 =
    subtle && first.length === file.size
      ? hex(new Uint8Array(await subtle.digest("SHA-256", first)))
      : await streamedHash(file, reader.hasher());
  return {
    type,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

async function readMetadata(file: File, first: Uint8Array, reader: Reader): Promise<Reading | undefined> {
  const reading = reader.read(first.subarray(0, HEAD_BYTES));
  if (!reading?.incomplete || file.size <= HEAD_BYTES || file.size > METADATA_BYTES) return reading;
  const whole = first.length === file.size ? first : await bytesOf(file, file.size);
  return reader.read(whole) ?? reading;
}

async function streamedHash(file: File, hasher: Hasher | undefined): Promise<string | undefined> {
  if (hasher === undefined) return undefined;
  const stream = file.stream().getReader();
  for (;;) {
    const { done, value } = await stream.read().catch(unreadable);
    if (done) return hasher.finish();
    hasher.update(value);
  }
}

/** The first `length` bytes, or all of a shorter file. */
async function bytesOf(file: File, length: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(0, length).arrayBuffer().catch(unreadable));
}

/** Whether the browser can still read what was picked: it refuses once a file is moved, deleted or changed. */
export async function isReadable(file: File): Promise<boolean> {
  const probe = file.slice(0, 1).arrayBuffer();
  return probe.then(
    () => true,
    () => false,
  );
}

function skip(reason: Reason): never {
  throw new UploadError({ kind: "skipped", reason });
}

function unreadable(): never {
  throw new UploadError({ kind: "failed", reason: { code: "unreadable" } });
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
