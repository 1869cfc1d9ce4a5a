/** A fault of the embedded stack that a person can mend; the message says what, where, why and what to do next. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
