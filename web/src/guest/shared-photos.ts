/** The cache by which the service worker hands photos to the page. */
export const SHARED = "shared";
/** Where the page finds that there are some. */
export const SHARED_FRAGMENT = "shared";

/** Takes what another app has shared with the installed page, in its order, so that nothing stays behind. */
export async function takeSharedPhotos(): Promise<File[]> {
  const shared = await caches.open(SHARED);
  const requests = await shared.keys();
  const files = await Promise.all(
    requests.map(async (request) => {
      const blob = await (await shared.match(request))?.blob();
      const name = decodeURIComponent(request.url.split("/").at(-1) ?? "");
      return new File(blob ? [blob] : [], name, { type: blob?.type ?? "" });
    }),
  );
  await caches.delete(SHARED);
  return files;
}
