/** Why no migration can be written, in a stable word. */
export type ChangeRefusalCode =
  | 'name-not-sql'
  | 'expression-not-sql'
  | 'expression-missing'
  | 'column-unknown'
  | 'column-unfit'
  | 'column-twice'
  | 'filled-unknown'
  | 'detail-missing'
  | 'file-present';

/** A change that the helpers do not write: what is wrong and what to do instead. */
export class ChangeRefusal extends Error {
  override readonly name = 'ChangeRefusal';

  constructor(
    readonly code: ChangeRefusalCode,
    message: string,
  ) {
    super(message);
  }
}
