import type { Clock } from "./clock.ts";
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

/** Files are read by pieces of this size, so that a slow disk or cloud shows that it moves. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** A piece that has not come after this long never will: the phone's cloud cannot be reached. */
const PIECE_MS = 60_000;

export interface PrepareParts {
  loadReader: () => Promise<Reader>;
  /** Absent on plain http in a local network. */
  subtle: SubtleCrypto | undefined;
  maxFileBytes: number;
  clock: Clock;
}

/** Recognises, reads and hashes one file. Throws `UploadError` for what is no photo and for what cannot be read. */
export async function prepare(file: File, parts: PrepareParts): Promise<Prepared> {
  if (file.size === 0) skip({ code: "empty" });
  if (file.size > parts.maxFileBytes) skip({ code: "too_large", maxBytes: parts.maxFileBytes });
  const reader = await parts.loadReader();
  const { subtle, clock } = parts;
  const first = await bytesOf(file, subtle && file.size <= WHOLE_BYTES ? file.size : HEAD_BYTES, clock);
  const type = reader.sniff(first.subarray(0, HEAD_BYTES), file) ?? skip({ code: "not_a_photo" });
  const metadata = (await readMetadata(file, first, reader, clock))?.metadata;
  const sha256 =
    subtle && first.length === file.size
      ? await wholeHash(first, subtle)
      : await streamedHash(file, reader.hasher(), clock);
  return {
    type,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** The SHA-256 of one part in hex, or undefined where this browser cannot hash. Holds no more of it than crypto.subtle needs. */
export async function hashOf(
  part: Blob,
  { subtle, loadReader, clock }: Omit<PrepareParts, "maxFileBytes">,
): Promise<string | undefined> {
  return subtle && part.size <= WHOLE_BYTES
    ? wholeHash(await bytesOf(part, part.size, clock), subtle)
    : streamedHash(part, (await loadReader()).hasher(), clock);
}

async function readMetadata(
  file: File,
  first: Uint8Array,
  reader: Reader,
  clock: Clock,
): Promise<Reading | undefined> {
  const reading = reader.read(first.subarray(0, HEAD_BYTES));
  if (!reading?.incomplete || file.size <= HEAD_BYTES || file.size > METADATA_BYTES) return reading;
  const whole = first.length === file.size ? first : await bytesOf(file, file.size, clock);
  return reader.read(whole) ?? reading;
}

async function wholeHash(bytes: Uint8Array<ArrayBuffer>, subtle: SubtleCrypto): Promise<string> {
  return hex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
}

async function streamedHash(
  file: Blob,
  hasher: Hasher | undefined,
  clock: Clock,
): Promise<string | undefined> {
  if (hasher === undefined) return undefined;
  const stream = file.stream().getReader();
  for (;;) {
    const { done, value } = await inTime(stream.read(), clock).catch(unreadable);
    if (done) return hasher.finish();
    hasher.update(value);
  }
}

/** The first `length` bytes, or all of a shorter file. */
async function bytesOf(file: Blob, length: number, clock: Clock): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(Math.min(length, file.size));
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const piece = file.slice(start, Math.min(bytes.length, start + PIECE_BYTES)).arrayBuffer();
    bytes.set(new Uint8Array(await inTime(piece, clock).catch(unreadable)), start);
  }
  return bytes;
}

/** What is read, or a rejection once it has taken too long. */
function inTime<T>(reading: Promise<T>, clock: Clock): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(PIECE_MS, () =>
      reject(new DOMException("reading stands still", "TimeoutError")),
    );
    reading.then(resolve, reject).finally(cancel);
  });
}

/** Whether the browser can still read what was picked: it refuses once a file is moved, deleted or changed. */
export async function isReadable(file: File, clock: Clock): Promise<boolean> {
  const probe = inTime(file.slice(0, 1).arrayBuffer(), clock);
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
