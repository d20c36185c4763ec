import type { Clock } from "./clock.ts";

interface Waiting<In, Out> {
  item: In;
  resolve: (answer: Out) => void;
  reject: (cause: unknown) => void;
}

/**
 * Turns a call for many items into one for a single item: while one batch is under way the next one gathers.
 * `send` answers in the order asked. A batch leaves as soon as it has `enough`
 * items, or once its first item has waited `lingerMs` for company.
 */
export function batched<In, Out>(
  send: (items: In[]) => Promise<Out[]>,
  { most, enough, lingerMs, clock }: { most: number; enough: number; lingerMs: () => number; clock: Clock },
): (item: In) => Promise<Out> {
  const waiting: Waiting<In, Out>[] = [];
  let busy = false;
  let stopLingering: (() => void) | undefined;

  async function flush(): Promise<void> {
    stopLingering?.();
    stopLingering = undefined;
    busy = true;
    const batch = waiting.splice(0, most);
    try {
      const answers = await send(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, index) => resolve(answers[index] as Out));
    } catch (cause) {
      for (const { reject } of batch) reject(cause);
    }
    busy = false;
    if (waiting.length > 0) schedule();
  }

  function schedule(): void {
    if (busy) return;
    if (waiting.length >= enough) void flush();
    else stopLingering ??= clock.after(lingerMs(), () => void flush());
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}
