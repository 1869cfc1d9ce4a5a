/** Plain data: what survives history, continue-as-new and a queue unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
