/** What the owner looks at. It lies behind the address's `#`, so that back, reload and bookmarks work. */
export type Route =
  { view: "invitations" } | { view: "invitation"; id: string } | { view: "photos" } | { view: "statistics" };

/** Anything unknown leads to the invitations. */
export function routeOf(fragment: string): Route {
  const [view, id] = fragment.replace(/^#/, "").split("/");
  if (view === "photos" || view === "statistics") return { view };
  if (view === "invitation" && id) return { view, id: decoded(id) };
  return { view: "invitations" };
}

export function fragmentOf(route: Route): string {
  return route.view === "invitation" ? `#invitation/${encodeURIComponent(route.id)}` : `#${route.view}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
