/** A cache that helps where it can, and never decides: a full phone refuses to open one, to read and to write. */
export class Kept {
  constructor(
    private readonly caches: CacheStorage,
    private readonly name: string,
  ) {}

  find(request: Request, options?: CacheQueryOptions): Promise<Response | undefined> {
    return this.quietly((cache) => cache.match(request, options));
  }

  keep(request: Request, response: Response): Promise<void> {
    return this.quietly((cache) => cache.put(request, response));
  }

  async forget(request: Request): Promise<void> {
    await this.quietly((cache) => cache.delete(request));
  }

  private async quietly<T>(use: (cache: Cache) => Promise<T>): Promise<T | undefined> {
    try {
      return await use(await this.caches.open(this.name));
    } catch {
      return undefined;
    }
  }
}
