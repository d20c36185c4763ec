import { isRefused, type PickRequest, type RefusedItem, type Remembered } from "../../shared/api.ts";
import { batched } from "./batch.ts";
import type { Clock } from "./clock.ts";
import { fileNameForServer } from "./file-name.ts";
import type { Job } from "./job.ts";

/** The server takes this many at once. */
const MOST = 500;
/** A pick is listed slice by slice: one request for several of them. */
const LINGER_MS = 300;
/** No photo is kept waiting for longer. */
const PATIENCE_MS = 2000;

export interface PickListParts {
  clock: Clock;
  remember: (files: PickRequest[]) => Promise<(Remembered | RefusedItem)[]>;
  forget: (ids: number[]) => Promise<void>;
}

/** Tells the server what was picked, so that any device can say what is missing. No photo fails of it. */
export class PickList {
  /** How many files of this name and size were picked before. */
  private readonly seen = new Map<string, number>();
  private readonly remember: (file: PickRequest) => Promise<Remembered | RefusedItem>;
  private readonly forget: (id: number) => Promise<void>;

  constructor(private readonly parts: PickListParts) {
    const { clock, remember, forget } = parts;
    const gathered = { most: MOST, enough: MOST, lingerMs: () => LINGER_MS, clock };
    this.remember = batched(remember, gathered);
    this.forget = batched(async (ids) => {
      await forget(ids);
      return ids.map(() => undefined);
    }, gathered);
  }

  /** `before`: the job of the same file that failed, which this one takes the place of. */
  add(job: Job, before: Job | undefined): void {
    job.pick = before?.pick ?? this.idOf(job);
  }

  /** The id of its pick, if there is one and it comes soon. */
  soon({ pick }: Job): Promise<number | undefined> {
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(PATIENCE_MS, () => resolve(undefined));
      void Promise.resolve(pick).then(resolve).finally(cancel);
    });
  }

  /** It will not arrive, and nobody misses it. */
  async drop({ pick }: Job): Promise<void> {
    const id = await pick;
    if (id !== undefined) await this.forget(id);
  }

  private idOf({ file, sizeBytes }: Job): Promise<number | undefined> {
    const name = fileNameForServer(file.name);
    const key = `${sizeBytes} ${name}`;
    const nth = this.seen.get(key) ?? 0;
    this.seen.set(key, nth + 1);
    return this.remember({ name, size: sizeBytes, nth }).then(
      (answer) => (isRefused(answer) ? undefined : answer.id),
      () => undefined,
    );
  }
}
