import type { Report } from "./engine/messages.ts";
import type { Found, Unread } from "./entries.ts";
import { keepingFocus, neighbourOf } from "./focus.ts";
import type { Previews } from "./previews.ts";
import { newRow, type Row } from "./row.ts";
import { RowBlocks } from "./row-blocks.ts";
import { inSlices, type Tasks } from "./slices.ts";
import { count, mayRetry, type Standing, type Tally, tallyOf } from "./tally.ts";
import type { Text } from "./text/text.ts";

interface Photo extends Standing {
  id: number;
  row: Row;
  /** Where its row stands, once it does. */
  home?: RowBlocks;
}

/** A file that was found, with its size, which is costly to ask for. */
export interface Measured extends Found {
  sizeBytes: number;
}

export interface PhotoListParts {
  template: HTMLTemplateElement;
  /** The photos in the order picked. */
  list: HTMLElement;
  /** What is not saved, set apart so that nobody has to look for it among thousands. */
  failedList: HTMLElement;
  skippedList: HTMLElement;
  previews: Previews;
  /** What the rows are told in, until `speak` says otherwise. */
  text: Text;
  tasks: Tasks;
  retry: (id: number) => void;
  cancel: (id: number) => void;
  takeBack: (id: number, name: string) => void;
  /** Shows what has rows now, and hides what has none. */
  settle: () => void;
  /** No row is left to have the focus. */
  loseFocus: () => void;
}

/** Every file that was picked, and its row. */
export class PhotoList {
  private readonly photos = new Map<number, Photo>();
  private readonly listed = new Map<string, number>();
  /** The ids of rows for what could not be read, by path. */
  private readonly unread = new Map<string, number>();
  private readonly blocks: Record<"list" | "failed" | "skipped", RowBlocks>;
  /** What all files count for. */
  readonly tally: Tally = tallyOf([]);
  /** The id that the next file gets. */
  nextId = 1;

  constructor(private readonly parts: PhotoListParts) {
    const { list, failedList, skippedList, previews } = parts;
    this.blocks = {
      list: new RowBlocks(list, previews),
      failed: new RowBlocks(failedList, previews),
      skipped: new RowBlocks(skippedList, previews),
    };
  }

  /** Puts every row into another language, and those to come. */
  async speak(text: Text): Promise<void> {
    this.parts.text = text;
    const say = ({ row }: Photo) => row.speak(text);
    await inSlices([...this.photos.values()], say, () => {}, this.parts.tasks);
  }

  /** Moves the focus on from a row with which the guest is done. */
  passOn(id: number, button: "retry" | "cancel"): void {
    const photo = this.photos.get(id);
    const next = photo && neighbourOf(photo.row[button]);
    if (next) next.focus();
    else this.parts.loseFocus();
  }

  /** The ids of all failed files that are worth another try. */
  failed(): number[] {
    return [...this.photos.values()]
      .filter(({ state, reason }) => state === "failed" && mayRetry(reason))
      .map(({ id }) => id);
  }

  /** Whether this very file was listed before id `before`, other than as a failed one, which a new pick replaces. */
  has(found: Measured, before: number): boolean {
    const photo = this.photos.get(this.listed.get(keyOf(found)) ?? 0);
    return photo !== undefined && photo.id < before && photo.state !== "failed";
  }

  /** Adds a row, and answers its id. */
  add(found: Measured): number {
    const photo = this.newFile(found);
    this.place(photo);
    return photo.id;
  }

  /** Lists as failed what a drop held and nobody could read. */
  addUnread(unread: Unread[]): void {
    for (const { kind, name, path } of unread) {
      this.drop(this.unread.get(path));
      const { id } = this.newPhoto(name, 0);
      this.unread.set(path, id);
      this.update({ id, state: "failed", reason: { code: `${kind}_not_read` } });
    }
  }

  /** Forgets what could not be read before and is found now, folders by what lies in them. */
  replaceUnread(found: Found[]): void {
    for (const [path, id] of this.unread) {
      if (!found.some((one) => one.path === path || one.path.startsWith(`${path}/`))) continue;
      this.drop(id);
      this.unread.delete(path);
    }
  }

  update(report: Report): void {
    const photo = this.photos.get(report.id);
    if (!photo) return;
    if (report.reason?.code === "cancelled") return this.remove(photo);
    count(this.tally, photo, -1);
    photo.state = report.state;
    photo.sentBytes = report.sentBytes ?? 0;
    photo.reason = report.reason;
    photo.alreadyHere = report.alreadyHere;
    photo.check = report.check;
    photo.warnings = report.warnings;
    count(this.tally, photo, 1);
    this.change(photo, () => {
      photo.row.update(report);
      this.place(photo);
    });
  }

  private newFile(found: Measured): Photo {
    const key = keyOf(found);
    this.drop(this.listed.get(key));
    const photo = this.newPhoto(found.file.name, found.sizeBytes);
    this.listed.set(key, photo.id);
    this.parts.previews.watch(photo.row.tile, found.file);
    return photo;
  }

  private newPhoto(name: string, sizeBytes: number): Photo {
    const { template, text, retry, cancel, takeBack } = this.parts;
    const row = newRow(template, name, sizeBytes, text);
    const photo: Photo = { id: this.nextId, row, sizeBytes, sentBytes: 0, state: "queued" };
    this.nextId += 1;
    this.photos.set(photo.id, photo);
    count(this.tally, photo, 1);
    row.retry.addEventListener("click", () => retry(photo.id));
    row.cancel.addEventListener("click", () =>
      photo.state === "saved" ? takeBack(photo.id, name) : cancel(photo.id),
    );
    return photo;
  }

  private drop(id: number | undefined): void {
    const photo = this.photos.get(id ?? 0);
    if (photo?.state === "failed") this.remove(photo);
  }

  private remove(photo: Photo): void {
    this.parts.previews.unwatch(photo.row.tile);
    this.photos.delete(photo.id);
    count(this.tally, photo, -1);
    this.change(photo, () => photo.home?.remove(photo.row));
  }

  private change({ row }: Photo, change: () => void): void {
    const { settle, loseFocus } = this.parts;
    keepingFocus([row.cancel, row.retry], { change, settle, last: loseFocus });
  }

  /** Moves a row to the list where it belongs, behind those that came before. */
  private place(photo: Photo): void {
    const { state } = photo;
    const home = state === "failed" || state === "skipped" ? this.blocks[state] : this.blocks.list;
    if (home === photo.home) return;
    photo.home?.remove(photo.row);
    photo.home = home;
    home.append(photo.row);
  }
}

/** The same file picked twice; two different ones that agree in all of this do not lie in one folder. */
function keyOf({ file, path, sizeBytes }: Measured): string {
  return `${path}\n${sizeBytes}\n${file.lastModified}`;
}
