import { createHash, webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { failureOf } from "./failure.ts";
import { hashOf, isReadable, prepare } from "./prepare.ts";
import type { Hasher, Reader, Reading } from "./reader.ts";
import { ManualClock } from "./testing/manual-clock.ts";

const clock = new ManualClock();
const MIB = 1024 * 1024;
const subtle = webcrypto.subtle as SubtleCrypto;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Takes everything that begins with a P for a photo, and notes what it was given. */
class PlainReader implements Reader {
  readonly reads: number[] = [];
  hashed = 0;

  /** `complete` is how many bytes it takes until the metadata is complete. */
  constructor(private readonly complete = 0) {}

  sniff(head: Uint8Array): string | undefined {
    return head[0] === 0x50 ? "image/x-plain" : undefined;
  }

  read(bytes: Uint8Array): Reading {
    this.reads.push(bytes.length);
    return { metadata: { iso: bytes.length }, incomplete: bytes.length < this.complete };
  }

  hasher(): Hasher {
    const hash = createHash("sha256");
    this.hashed += 1;
    return { update: (bytes) => hash.update(bytes), finish: () => hash.digest("hex") };
  }
}

function photo(sizeBytes: number): { bytes: Uint8Array<ArrayBuffer>; file: File } {
  const bytes = new Uint8Array(sizeBytes).fill(sizeBytes % 251);
  bytes[0] = 0x50;
  return { bytes, file: new File([bytes], "a.jpg") };
}

const preparing = (file: File, reader: Reader, withSubtle = true) =>
  prepare(file, {
    loadReader: () => Promise.resolve(reader),
    subtle: withSubtle ? subtle : undefined,
    maxFileBytes: 40 * MIB,
    clock,
  });

const failureFor = (file: File) => preparing(file, new PlainReader()).then(() => undefined, failureOf);

test("a photo gets its type, its hash and what it says of itself", async () => {
  const { bytes, file } = photo(5000);
  const reader = new PlainReader();
  expect(await preparing(file, reader)).toEqual({
    type: "image/x-plain",
    sha256: sha256(bytes),
    metadata: { iso: 5000 },
  });
  expect(reader.hashed).toBe(0);
});

test("a large photo, and any where crypto.subtle is missing, is hashed as it streams, to the same hash", async () => {
  const large = photo(33 * MIB);
  const reader = new PlainReader();
  expect((await preparing(large.file, reader)).sha256).toBe(sha256(large.bytes));
  const small = photo(5000);
  expect((await preparing(small.file, reader, false)).sha256).toBe(sha256(small.bytes));
  expect(reader.hashed).toBe(2);
});

test("metadata is read from the head, and from the whole file only where the head does not hold it all", async () => {
  const head = new PlainReader();
  await preparing(photo(MIB).file, head);
  expect(head.reads).toEqual([256 * 1024]);
  const whole = new PlainReader(MIB);
  const prepared = await preparing(photo(MIB).file, whole, false);
  expect(whole.reads).toEqual([256 * 1024, MIB]);
  expect(prepared.metadata).toEqual({ iso: MIB });
});

test("without a hash or metadata a photo is still prepared", async () => {
  const reader: Reader = { sniff: () => "image/jpeg", read: () => undefined, hasher: () => undefined };
  expect(await preparing(photo(10).file, reader, false)).toEqual({ type: "image/jpeg" });
});

test("what is no photo, empty or too large is skipped for that reason", async () => {
  expect(await failureFor(new File(["hello"], "a.jpg"))).toEqual({
    kind: "skipped",
    reason: { code: "not_a_photo" },
  });
  expect(await failureFor(new File([], "a.jpg"))).toEqual({ kind: "skipped", reason: { code: "empty" } });
  expect(await failureFor(photo(40 * MIB + 1).file)).toEqual({
    kind: "skipped",
    reason: { code: "too_large", maxBytes: 40 * MIB },
  });
});

test("a file that is gone is named unreadable", async () => {
  const gone = () => Promise.reject(new DOMException("gone", "NotFoundError"));
  const file = Object.assign(photo(10).file, { slice: () => ({ arrayBuffer: gone }) });
  expect(await failureFor(file)).toEqual({ kind: "failed", reason: { code: "unreadable" } });
  expect(await isReadable(file, clock)).toBe(false);
  expect(await isReadable(photo(10).file, clock)).toBe(true);
});

test("a file whose reading stands still is named unreadable after a minute, one that only is slow is not", async () => {
  const whole = photo(10 * MIB);
  const slowly = (pieces: number) => ({
    slice: (start: number, end: number) => ({
      arrayBuffer: () =>
        new Promise((resolve) => {
          if (start >= pieces * 4 * MIB) return;
          clock.after(50_000, () => resolve(whole.bytes.slice(start, end).buffer));
        }),
    }),
  });
  const outcomes = Promise.all([
    preparing(Object.assign(photo(10 * MIB).file, slowly(3)), new PlainReader()),
    failureFor(Object.assign(photo(10 * MIB).file, slowly(1))),
    isReadable(Object.assign(photo(10).file, slowly(0)), clock),
  ]);
  await clock.advance(200_000);
  const [prepared, failure, readable] = await outcomes;
  expect(prepared.sha256).toBe(sha256(whole.bytes));
  expect(failure).toEqual({ kind: "failed", reason: { code: "unreadable" } });
  expect(readable).toBe(false);
});

test("a part of a file has the hash of its bytes, with crypto.subtle and without it", async () => {
  const { bytes, file } = photo(3 * MIB);
  const part = file.slice(MIB, 2 * MIB);
  for (const own of [subtle, undefined]) {
    const reader = new PlainReader();
    const loadReader = () => Promise.resolve(reader);
    const hash = await hashOf(part, { loadReader, subtle: own, clock });
    expect(hash).toBe(sha256(bytes.subarray(MIB, 2 * MIB)));
    expect(reader.hashed).toBe(own === undefined ? 1 : 0);
  }
});
