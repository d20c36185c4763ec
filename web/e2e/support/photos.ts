import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { environment } from "./environment.ts";

/** A made photo on disk, and what is to be read of it. */
export interface Sample {
  name: string;
  path: string;
  sha256: string;
  /** `null`: no image. */
  file_type: string | null;
  expected: Record<string, unknown>;
}

/** A file that exists in memory only, as Playwright hands it to an `<input>`. */
export interface MemoryFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export const samples: Sample[] = (
  JSON.parse(readFileSync(join(environment.samples, "index.json"), "utf8")) as Sample[]
).map((sample) => ({ ...sample, path: join(environment.samples, sample.name) }));

export function sample(name: string): Sample {
  const found = samples.find((one) => one.name === name);
  if (!found) throw new Error(`HASTY_TEST_SAMPLES has no ${name}`);
  return found;
}

/** A small true JPEG whose bytes are like no other's: a comment behind its first marker carries the number. */
export function smallPhoto(number: number, name = `photo-${number}.jpg`): MemoryFile {
  const jpeg = readFileSync(sample("photo.jpg").path);
  const comment = Buffer.from(`photo ${number} of a story`);
  const marker = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  const buffer = Buffer.concat([jpeg.subarray(0, 2), marker, comment, jpeg.subarray(2)]);
  return { name, mimeType: "image/jpeg", buffer };
}

/** As Android hands it to a browser: where it was taken is overwritten with zeros. */
export function withoutPlace(photo: MemoryFile): MemoryFile {
  const buffer = Buffer.from(photo.buffer);
  for (const degrees of [
    [33, 1, 30, 1, 0, 1],
    [70, 1, 45, 1, 0, 1],
  ]) {
    const written = Buffer.alloc(24);
    degrees.forEach((number, index) => written.writeUInt32BE(number, 4 * index));
    const at = buffer.indexOf(written);
    if (at < 0) throw new Error(`${photo.name} holds no place`);
    buffer.fill(0, at, at + written.length);
  }
  return { ...photo, buffer };
}

export function smallPhotos(count: number): MemoryFile[] {
  return Array.from({ length: count }, (_, index) => smallPhoto(index + 1));
}

/** The real photos of HASTY_TEST_PHOTOS; README and answers that lie beside them are no photos. */
export function realPhotos(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files
    .filter(({ name }) => /\.(jpe?g|png|webp|gif|tiff?|heic|heif|avif)$/i.test(name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}
