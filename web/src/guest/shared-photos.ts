/** The cache by which the service worker hands photos to the page. */
export const SHARED = "shared";
/** What the page's address ends with where there are some, and where some of them could not be kept. */
export const SHARED_FRAGMENT = "shared";
export const LOST_FRAGMENT = "shared-lost";

export interface SharedPhotos {
  files: File[];
  /** To be called once they are somewhere else. */
  letGo: () => Promise<void>;
}

/** What other apps have shared with the page of this link (its query), the oldest share first, each in its order. */
export async function sharedPhotos(link: string, caches: CacheStorage): Promise<SharedPhotos> {
  const shared = await caches.open(SHARED);
  const kept = (await shared.keys()).map(placeOf).filter((one) => one.link === link);
  kept.sort((a, b) => a.time - b.time || a.index - b.index);
  const files: File[] = [];
  for (const { request, name } of kept) {
    const response = await shared.match(request);
    if (!response) throw new Error(name);
    const blob = await response.blob();
    files.push(new File([blob], name, { type: blob.type }));
  }
  const letGo = async () => void (await Promise.all(kept.map(({ request }) => shared.delete(request))));
  return { files, letGo };
}

function placeOf(request: Request) {
  const [link = "", time, index, name = ""] = new URL(request.url).pathname.slice(1).split("/");
  return {
    request,
    link: decodeURIComponent(link),
    time: Number(time),
    index: Number(index),
    name: decodeURIComponent(name),
  };
}
