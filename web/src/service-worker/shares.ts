// A script of its own: it shares types with the page, and no code.
import type * as page from "../guest/shared-photos.ts";

const SHARED: typeof page.SHARED = "shared";
const SHARED_FRAGMENT: typeof page.SHARED_FRAGMENT = "shared";
const LOST_FRAGMENT: typeof page.LOST_FRAGMENT = "shared-lost";

export interface ShareParts {
  caches: CacheStorage;
  /** Milliseconds, for the order of several shares. */
  now: number;
}

/** Photos that another app shares with the installed page: kept until the page, which opens now, has taken them. */
export async function takeShared(request: Request, parts: ShareParts): Promise<Response> {
  const to = new URL(request.url);
  const isWhole = await keep(request, to.search, parts).catch(() => false);
  to.hash = isWhole ? SHARED_FRAGMENT : LOST_FRAGMENT;
  return Response.redirect(to.href, 303);
}

/** Under the link they were shared with, behind what was shared before; false where not all of them could be kept. */
async function keep(request: Request, link: string, { caches, now }: ShareParts): Promise<boolean> {
  const photos = (await request.formData()).getAll("photos").filter((value) => value instanceof File);
  const shared = await caches.open(SHARED);
  const puts = photos.map((photo, index) =>
    shared.put(
      `/${encodeURIComponent(link)}/${now}/${index}/${encodeURIComponent(photo.name)}`,
      new Response(photo, { headers: { "content-type": photo.type } }),
    ),
  );
  const kept = await Promise.allSettled(puts);
  return kept.length > 0 && kept.every(({ status }) => status === "fulfilled");
}
