/** What a contract takes away together with its values; a schema is there only where the file writes one. */
export type Removal = { readonly schema?: string; readonly table: string; readonly column?: string };
