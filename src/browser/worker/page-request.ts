/** What a page asks of the worker: to notify for it, or to take that away, as somebody has looked or the page goes. */
export type PageRequest =
  { readonly kind: 'notify'; readonly body: string } | { readonly kind: 'calm' };
