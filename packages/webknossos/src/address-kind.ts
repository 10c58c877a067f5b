/**
 * Whether a URL is an address of a WEBKNOSSOS server. Those with an id are `certain`; `/datasets/a/b` may be of any other server.
 */
export function addressKind({ pathname }: URL): 'certain' | 'possible' | undefined {
  if (/^\/(datasets\/([^/]+-)?|annotations\/([A-Za-z]+\/)?)[0-9a-f]{24}(\/|$)/.test(pathname)) return 'certain'
  return /^\/(datasets|annotations|links)\/[^/]/.test(pathname) ? 'possible' : undefined
}
