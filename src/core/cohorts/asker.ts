/** As whom a request comes: of a member such as `tenant/acme`, with an identity, with both or, with neither, unknown. */
export type Asker = { readonly member?: string; readonly identity?: string };

/** For people, behind "as". */
export function describeAsker({ member, identity }: Asker): string {
  if (identity === undefined) return member === undefined ? 'somebody unknown' : `a user of ${member}`;
  return member === undefined ? `the identity ${identity}` : `the identity ${identity} of ${member}`;
}
