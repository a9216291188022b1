/** Default and maximum number of groups per page. */
export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** Maximum characters of a cursor that a client sends. The gateway's own are shorter. */
export const MAX_CURSOR = 200;
