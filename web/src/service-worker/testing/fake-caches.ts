const ORIGIN = "page://here";

/** A CacheStorage in memory, as far as it is used here; it can be as full as a phone. */
export class FakeCaches {
  isFull = false;
  isClosed = false;
  private readonly opened = new Map<string, FakeCache>();

  async open(name: string): Promise<FakeCache> {
    if (this.isClosed) throw new DOMException("no", "QuotaExceededError");
    const cache = this.opened.get(name) ?? new FakeCache(this);
    this.opened.set(name, cache);
    return cache;
  }

  /** As the code under test takes it. */
  get storage(): CacheStorage {
    return this as unknown as CacheStorage;
  }
}

type Key = Request | string;

export class FakeCache {
  private readonly entries = new Map<string, Response>();

  constructor(private readonly caches: FakeCaches) {}

  async match(key: Key, { ignoreSearch = false }: CacheQueryOptions = {}): Promise<Response | undefined> {
    const wanted = urlOf(key);
    const path = (url: string) => (ignoreSearch ? url.split("?")[0] : url);
    const url = [...this.entries.keys()].find((one) => path(one) === path(wanted));
    return this.entries.get(url ?? "")?.clone();
  }

  async put(key: Key, response: Response): Promise<void> {
    if (this.caches.isFull) throw new DOMException("full", "QuotaExceededError");
    this.entries.set(urlOf(key), response);
  }

  async addAll(paths: string[]): Promise<void> {
    for (const path of paths) await this.put(path, new Response(path));
  }

  async delete(key: Key): Promise<boolean> {
    return this.entries.delete(urlOf(key));
  }

  async keys(): Promise<Request[]> {
    return [...this.entries.keys()].map((url) => new Request(url));
  }

  /** Without the origin. */
  get paths(): string[] {
    return [...this.entries.keys()].map((url) => url.slice(ORIGIN.length));
  }

  get cache(): Cache {
    return this as unknown as Cache;
  }
}

export function request(path: string): Request {
  return new Request(new URL(path, ORIGIN));
}

function urlOf(key: Key): string {
  return typeof key === "string" ? new URL(key, ORIGIN).href : key.url;
}
