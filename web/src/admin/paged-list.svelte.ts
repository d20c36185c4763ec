/// <reference types="svelte" />
import type { Page } from "./owner-api.ts";

/** A list that is fetched part by part. */
export class PagedList<Item extends { id: string | number }> {
  items = $state.raw<Item[]>([]);
  loading = $state(false);
  /** Why the last part did not come; the parts before it stay. */
  trouble = $state<string>();
  /** Whether there is more than `items`. */
  hasMore = $state(true);
  private next: string | undefined;

  constructor(
    private readonly first: string,
    private readonly fetchPage: (path: string) => Promise<Page<Item>>,
  ) {
    this.next = first;
  }

  /** Appends the next part. While one is under way a second call does nothing. */
  async more(): Promise<void> {
    const path = this.next;
    if (path !== undefined) await this.load(path, this.items);
  }

  /** Begins anew; the old items stay until the new ones are there. */
  async refresh(): Promise<void> {
    await this.load(this.first, []);
  }

  /** Puts a newer copy in the place of the one in the list, where there is one. */
  replace(item: Item): void {
    this.items = this.items.map((old) => (old.id === item.id ? item : old));
  }

  remove(id: Item["id"]): void {
    this.items = this.items.filter((item) => item.id !== id);
  }

  private async load(path: string, before: Item[]): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    this.trouble = undefined;
    try {
      const page = await this.fetchPage(path);
      this.items = joined(before, page.items);
      this.next = page.next;
      this.hasMore = page.next !== undefined;
    } catch (cause) {
      this.trouble = cause instanceof Error ? cause.message : String(cause);
    } finally {
      this.loading = false;
    }
  }
}

/** What moved in the list between two requests may come twice; the later copy is the truer one, in the first's place. */
function joined<Item extends { id: string | number }>(before: Item[], after: Item[]): Item[] {
  return [...new Map([...before, ...after].map((item) => [item.id, item])).values()];
}
